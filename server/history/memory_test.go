package history_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"partline.dev/server/history"
	"partline.dev/server/history/historytest"
)

func quiet(history.Position, history.Record) {}

func TestMemory_isALog(t *testing.T) {
	historytest.Run(t, func(*testing.T) history.Log { return history.NewMemory(history.Limits{}) })
}

func TestMemory_withSmallLimitsIsALog(t *testing.T) {
	historytest.Run(t, func(*testing.T) history.Log {
		return history.NewMemory(history.Limits{RoomRecords: 40, RoomBytes: 1 << 20, Bytes: 2 << 20, Rooms: 20})
	})
}

// add appends data, or fails the test.
func add(t *testing.T, log *history.Memory, room, data string) history.Position {
	t.Helper()
	at, err := log.Append(t.Context(), room, []byte(data), quiet)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// read reads a room from its beginning, or fails the test.
func read(t *testing.T, log *history.Memory, room string) history.Page {
	t.Helper()
	p, err := log.Read(t.Context(), room, history.Position{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestMemory_recordsOfARoomAreBounded(t *testing.T) {
	log := history.NewMemory(history.Limits{RoomRecords: 2})
	for range 5 {
		add(t, log, "a", "x")
	}
	add(t, log, "b", "x")
	if p := read(t, log, "a"); len(p.Records) != 2 || *p.Gap != (history.Gap{From: 1, To: 3}) {
		t.Errorf("of five records there are %d, and the gap is %v", len(p.Records), p.Gap)
	}
	if p := read(t, log, "b"); len(p.Records) != 1 || p.Gap != nil {
		t.Errorf("the other room has %d records", len(p.Records))
	}
}

func TestMemory_theOldestOfAllGoesFirst(t *testing.T) {
	log := history.NewMemory(history.Limits{Bytes: 40 << 10})
	ten := strings.Repeat("x", 10<<10)
	first := add(t, log, "old", ten)
	add(t, log, "busy", ten)
	add(t, log, "busy", ten)
	add(t, log, "busy", ten)
	p := read(t, log, "old")
	if len(p.Records) != 0 || p.Gap == nil || p.Epoch != first.Epoch || p.Last != 1 {
		t.Errorf("the room with the oldest record has %d, and the gap %v", len(p.Records), p.Gap)
	}
	if p := read(t, log, "busy"); len(p.Records) != 3 {
		t.Errorf("the other has %d records", len(p.Records))
	}
	if next := add(t, log, "old", "more"); next.Epoch != first.Epoch || next.Offset != 2 {
		t.Errorf("the room goes on at %v", next)
	}
}

func TestMemory_aRoomThatWasDroppedBeginsAnEpoch(t *testing.T) {
	log := history.NewMemory(history.Limits{Rooms: 2})
	a, b := add(t, log, "a", "x"), add(t, log, "b", "x")
	if again := add(t, log, "a", "y"); again.Epoch != a.Epoch {
		t.Errorf("a room that is there goes on at %v", again)
	}
	add(t, log, "c", "x") // b was appended to least recently
	if p := read(t, log, "b"); p.Epoch != "" || p.Last != 0 {
		t.Errorf("the room that had to go is %v", p)
	}
	again := add(t, log, "b", "y")
	if again.Epoch == b.Epoch || again.Offset != 1 {
		t.Errorf("it begins again at %v, before it was %v", again, b)
	}
}

func TestMemory_isFullForWhatNeverFits(t *testing.T) {
	for name, limits := range map[string]history.Limits{
		"a room": {RoomBytes: 2 << 10},
		"all":    {Bytes: 2 << 10},
	} {
		log := history.NewMemory(limits)
		at := add(t, log, "a", "short")
		_, err := log.Append(t.Context(), "a", make([]byte, 4<<10), func(history.Position, history.Record) { t.Error("then was called") })
		if !errors.Is(err, history.ErrFull) {
			t.Errorf("too long for %s: %v", name, err)
		}
		if p := read(t, log, "a"); len(p.Records) != 1 || p.Epoch != at.Epoch {
			t.Errorf("too long for %s: what was there is gone: %v", name, p)
		}
	}
	log := history.NewMemory(history.Limits{Bytes: 2 << 10})
	if _, err := log.Append(t.Context(), strings.Repeat("name", 1<<10), nil, quiet); !errors.Is(err, history.ErrFull) {
		t.Errorf("a name that never fits: %v", err)
	}
}

// While one room's then runs, others go on, and the same room waits.
func TestMemory_delaysNoOtherRoom(t *testing.T) {
	log := history.NewMemory(history.Limits{})
	inside, leave := make(chan struct{}), make(chan struct{})
	var tasks sync.WaitGroup
	var order []int64
	tasks.Go(func() {
		_, _ = log.Append(t.Context(), "a", nil, func(p history.Position, _ history.Record) {
			close(inside)
			<-leave
			order = append(order, p.Offset)
		})
	})
	<-inside
	tasks.Go(func() {
		_, _ = log.Append(t.Context(), "a", nil, func(p history.Position, _ history.Record) { order = append(order, p.Offset) })
	})
	add(t, log, "b", "x")
	if p := read(t, log, "b"); len(p.Records) != 1 {
		t.Errorf("the other room has %d records", len(p.Records))
	}
	close(leave)
	tasks.Wait()
	if len(order) != 2 || order[0] != 1 || order[1] != 2 {
		t.Errorf("then was called in the order %v", order)
	}
}
