package history_test

import (
	"runtime"
	"strconv"
	"strings"
	"testing"

	"partline.dev/server/history"
)

// What a log counts is what it takes: as many bytes of memory as it was allowed, and
// some, whatever the records are like.
func TestMemory_takesWhatItWasAllowed(t *testing.T) {
	const allowed = 16 << 20
	for name, c := range map[string]struct {
		rooms, length int
		name          string
	}{
		"short records":       {4, 10, "room "},
		"no data":             {4, 0, "room "},
		"long records":        {4, 100_000, "room "},
		"a room a record":     {1 << 20, 10, "room "},
		"rooms of long names": {1 << 20, 10, strings.Repeat("x", 300)},
	} {
		t.Run(name, func(t *testing.T) {
			log := history.NewMemory(history.Limits{Bytes: allowed, RoomBytes: allowed, RoomRecords: 1 << 30, Rooms: 1 << 30})
			data := make([]byte, c.length)
			before := heap()
			for n := range 2 * allowed / (150 + c.length) {
				if _, err := log.Append(t.Context(), c.name+strconv.Itoa(n%c.rooms), data, quiet); err != nil {
					t.Fatal(err)
				}
			}
			taken := heap() - before
			runtime.KeepAlive(log)
			t.Logf("%d bytes of %d", taken, allowed)
			if taken > allowed*5/4 || taken < allowed/4 {
				t.Errorf("%d bytes are allowed, and %d taken", allowed, taken)
			}
		})
	}
}

// heap is how many bytes are in use.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

func BenchmarkMemory_Append(b *testing.B) {
	log := history.NewMemory(history.Limits{})
	data := make([]byte, 100)
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for n := 0; p.Next(); n++ {
			if _, err := log.Append(b.Context(), "room "+strconv.Itoa(n%100), data, quiet); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkMemory_Read(b *testing.B) {
	log := history.NewMemory(history.Limits{})
	var at history.Position
	for range 10_000 {
		at, _ = log.Append(b.Context(), "room", make([]byte, 100), quiet)
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if _, err := log.Read(b.Context(), "room", history.Position{Epoch: at.Epoch, Offset: int64(n * 64 % 9000)}, 64); err != nil {
			b.Error(err)
		}
	}
}
