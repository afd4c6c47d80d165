package room_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"partline.dev/server/edge/room"
	"partline.dev/server/edge/room/roomtest"
	"partline.dev/server/history"
	"partline.dev/server/history/historytest"
)

func TestHistory_isALog(t *testing.T) {
	for name, bytes := range map[string]int64{"as it is": 0, "small": 6 << 20} {
		t.Run(name, func(t *testing.T) {
			historytest.Run(t, func(t *testing.T) history.Log {
				m, err := room.OpenMemory(roomtest.New(), room.Options{HistoryBytes: bytes})
				if err != nil {
					t.Fatal(err)
				}
				return m.History()
			})
		})
	}
}

// keep is the history of an object, or of one that came into memory anew.
func keep(t *testing.T, o room.Object, bytes int64, rooms int) history.Log {
	t.Helper()
	m, err := room.OpenMemory(o, room.Options{HistoryBytes: bytes})
	if err != nil {
		t.Fatal(err)
	}
	if rooms > 0 {
		m.LimitRooms(rooms)
	}
	return m.History()
}

func quiet(history.Position, history.Record) {}

// post appends, or fails the test.
func post(t *testing.T, log history.Log, room, data string) history.Position {
	t.Helper()
	at, err := log.Append(t.Context(), room, []byte(data), quiet)
	if err != nil {
		t.Fatalf("append to %q: %v", room, err)
	}
	return at
}

// all is a room from its beginning.
func all(t *testing.T, log history.Log, room string) history.Page {
	t.Helper()
	p, err := log.Read(t.Context(), room, history.Position{}, 0)
	if err != nil {
		t.Fatalf("read of %q: %v", room, err)
	}
	return p
}

func TestHistory_goesOnAfterAnEviction(t *testing.T) {
	o := roomtest.New()
	log := keep(t, o, 0, 0)
	names := []string{"a", "a/b", "a/", "/a", "a\x00", "r/a", strings.Repeat("/", 255), "\xff", ""}
	want := map[string]history.Page{}
	for n := range 4 {
		for _, name := range names {
			at := post(t, log, name, fmt.Sprintf("%q %d", name, n))
			if at.Offset != int64(n+1) || n > 0 && at.Epoch != want[name].Epoch {
				t.Fatalf("%q goes on at %v", name, at)
			}
			want[name] = all(t, log, name)
		}
		if err := o.Commit(); err != nil {
			t.Fatal(err)
		}
		log = keep(t, o, 0, 0)
		for _, name := range names {
			if p := all(t, log, name); !reflect.DeepEqual(p, want[name]) || len(p.Records) != n+1 {
				t.Fatalf("%q came back as %v", name, p)
			}
		}
	}
}

func TestHistory_theOldestOfAllGoesFirst(t *testing.T) {
	o := roomtest.New()
	ten := strings.Repeat("x", 10<<10)
	log := keep(t, o, 40<<10, 0)
	first := post(t, log, "old", ten)
	post(t, log, "busy", ten)
	log = keep(t, o, 40<<10, 0) // the order is stored
	post(t, log, "busy", ten)
	post(t, log, "busy", ten)
	if p := all(t, log, "old"); len(p.Records) > 0 || p.Gap == nil || *p.Gap != (history.Gap{From: 1, To: 1}) || p.Last != 1 || p.Epoch != first.Epoch {
		t.Errorf("the room with the oldest record is %v", p)
	}
	if p := all(t, log, "busy"); len(p.Records) != 3 || p.Gap != nil {
		t.Errorf("the other has %d records", len(p.Records))
	}
	log = keep(t, o, 40<<10, 0)
	if next := post(t, log, "old", "more"); next.Epoch != first.Epoch || next.Offset != 2 {
		t.Errorf("the room goes on at %v", next)
	}
	if p := all(t, log, "old"); len(p.Records) != 1 || *p.Gap != (history.Gap{From: 1, To: 1}) {
		t.Errorf("then it is %v", p)
	}
}

func TestHistory_recordsOfARoomAreBounded(t *testing.T) {
	o := roomtest.New()
	log := keep(t, o, 0, 0)
	for range 10_001 {
		post(t, log, "busy", "")
	}
	post(t, log, "other", "x")
	if p := all(t, log, "busy"); p.Gap == nil || *p.Gap != (history.Gap{From: 1, To: 1}) || p.Last != 10_001 || len(p.Records) != 1000 {
		t.Errorf("the gap is %v, the last %d", p.Gap, p.Last)
	}
	if n := len(o.Stored().Keys("h/")); n != 10_001 {
		t.Errorf("%d are stored", n)
	}
}

func TestHistory_aRoomThatWasDroppedBeginsAnEpoch(t *testing.T) {
	o := roomtest.New()
	log := keep(t, o, 0, 2)
	a, b := post(t, log, "a", "x"), post(t, log, "b", "x")
	if again := post(t, log, "a", "y"); again.Epoch != a.Epoch {
		t.Errorf("a room that is there goes on at %v", again)
	}
	log = keep(t, o, 0, 2)
	post(t, log, "c", "x") // b was appended to least recently
	if p := all(t, log, "b"); p.Epoch != "" || p.Last != 0 {
		t.Errorf("the room that had to go is %v", p)
	}
	if again := post(t, log, "b", "y"); again.Epoch == b.Epoch || again.Offset != 1 {
		t.Errorf("it begins again at %v, before it was %v", again, b)
	}
	if n := len(o.Stored().Keys("r/")); n != 2 {
		t.Errorf("%d rooms are stored", n)
	}
}

// Rooms without a record are still rooms: their offsets go on. When there is room for no
// more of them, they go, too.
func TestHistory_roomsTakeTheirPlace(t *testing.T) {
	o := roomtest.New()
	log := keep(t, o, 4<<10, 0)
	for i := range 20 {
		post(t, log, fmt.Sprint("room ", i), "x")
	}
	if n := len(o.Stored().Keys("r/")); n == 0 || n > 7 {
		t.Errorf("there are %d rooms in 4 KiB", n)
	}
	if size := o.Stored().Size(); size > 4<<10 {
		t.Errorf("they take %d bytes", size)
	}
	if p := all(t, log, "room 19"); len(p.Records) != 1 {
		t.Errorf("the newest is %v", p)
	}
	_, err := log.Append(t.Context(), strings.Repeat("name", 1<<10), nil, quiet)
	if !errors.Is(err, history.ErrFull) {
		t.Errorf("a name that never fits: %v", err)
	}
}

// What the storage refuses changes nothing, wherever it begins to refuse.
func TestHistory_whatTheStorageRefuses(t *testing.T) {
	o := roomtest.New()
	log := keep(t, o, 40<<10, 0)
	ten := strings.Repeat("x", 10<<10)
	post(t, log, "old", ten)
	post(t, log, "busy", ten)
	last := post(t, log, "busy", ten)
	state := func(log history.Log) []any {
		return []any{all(t, log, "old"), all(t, log, "busy"), all(t, log, "new"), o.Stored().Keys("")}
	}
	before := state(log)
	size := o.Stored().Size()
	for more := 0; ; more += 20 { // each of the writes fails once: those of a room that is new, and of one that is there
		o.Stored().Limit(size + more)
		name := "new"
		if more%40 == 0 {
			name = "busy"
		}
		if more == 100 {
			more = 10 << 10 // what is between is one write
		}
		_, err := log.Append(t.Context(), name, []byte(ten), func(history.Position, history.Record) {
			if more < 10<<10 {
				t.Error("there was no room, and then was called")
			}
		})
		if err == nil {
			break
		}
		if !errors.Is(err, history.ErrFull) {
			t.Fatal(err)
		}
		for _, log := range []history.Log{log, keep(t, o, 40<<10, 0)} {
			if !reflect.DeepEqual(state(log), before) || o.Stored().Size() != size {
				t.Fatalf("with room for %d bytes more a refusal has changed something", more)
			}
		}
	}
	o.Stored().Limit(0)
	if next := post(t, log, "busy", "x"); next.Epoch != last.Epoch || next.Offset < 3 {
		t.Errorf("it goes on at %v", next)
	}
}

// A commit that fails takes back all of an append, and nobody has heard of it.
func TestHistory_isThereAsAWholeOrNotAtAll(t *testing.T) {
	o := roomtest.New()
	log := keep(t, o, 40<<10, 0)
	ten := strings.Repeat("x", 10<<10)
	for range 3 {
		post(t, log, "a", ten)
	}
	if err := o.Commit(); err != nil {
		t.Fatal(err)
	}
	before := all(t, log, "a")
	o.FailCommit()
	post(t, log, "b", ten)
	if err := o.Commit(); !errors.Is(err, roomtest.ErrReset) {
		t.Fatal(err)
	}
	log = keep(t, o, 40<<10, 0)
	if p := all(t, log, "a"); !reflect.DeepEqual(p, before) {
		t.Errorf("there was %v, and is %v", before.Gap, p.Gap)
	}
	if p := all(t, log, "b"); p.Epoch != "" {
		t.Errorf("there is %v", p)
	}
}

// An error that leaves open what is stored ends the history, until the room comes into
// memory again.
func TestHistory_afterAnErrorOfTheStorage(t *testing.T) {
	o := roomtest.New()
	broken := errors.New("the disk is broken")
	object := &failing{Fake: o}
	m, err := room.OpenMemory(object, room.Options{})
	if err != nil {
		t.Fatal(err)
	}
	log := m.History()
	post(t, log, "a", "x")
	object.err = broken
	if _, err := log.Append(t.Context(), "a", nil, quiet); !errors.Is(err, broken) {
		t.Errorf("the error is %v", err)
	}
	object.err = nil
	if _, err := log.Append(t.Context(), "a", nil, quiet); !errors.Is(err, broken) {
		t.Errorf("afterwards the error is %v", err)
	}
	if _, err := log.Read(t.Context(), "a", history.Position{}, 0); !errors.Is(err, broken) {
		t.Errorf("afterwards reading gives %v", err)
	}
}

// failing is an object in whose storage nothing can be deleted, nor a room's place be
// taken by another state of it, while it fails.
type failing struct {
	*roomtest.Fake

	err error
}

func (f *failing) Storage() room.Storage { return failingStorage{f.Fake.Storage(), f} }

type failingStorage struct {
	room.Storage

	of *failing
}

func (s failingStorage) Delete(key string) error {
	if s.of.err != nil {
		return s.of.err
	}
	return s.Storage.Delete(key)
}

func (s failingStorage) Put(key string, value []byte) error {
	if s.of.err != nil && strings.HasPrefix(key, "r/") {
		return s.of.err
	}
	return s.Storage.Put(key, value)
}

// A model of a history with its limits, for any appends, evictions and failed commits.
func TestHistory_asItsModel(t *testing.T) {
	const most = 60 << 10
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	type one struct {
		step int
		data []byte
	}
	o := roomtest.New()
	log := keep(t, o, most, 0)
	said := map[string][]one{} // of each room, by offset, from the first epoch on
	epochs := map[string]string{}
	for step := range 2000 {
		name := fmt.Sprint("room/", random.IntN(5))
		data := bytes.Repeat([]byte{byte(step)}, random.IntN(6000))
		if random.IntN(20) == 0 {
			if err := o.Commit(); err != nil {
				t.Fatal(err)
			}
			log = keep(t, o, most, 0)
		}
		lose := random.IntN(25) == 0
		if lose {
			if err := o.Commit(); err != nil {
				t.Fatal(err)
			}
			o.FailCommit()
		}
		at, err := log.Append(t.Context(), name, data, quiet)
		if err != nil {
			t.Fatal(err)
		}
		if lose {
			if err := o.Commit(); !errors.Is(err, roomtest.ErrReset) {
				t.Fatal(err)
			}
			log = keep(t, o, most, 0)
			continue
		}
		said[name] = append(said[name], one{step, data})
		if epochs[name] == "" {
			epochs[name] = at.Epoch
		}
		if at.Offset != int64(len(said[name])) || at.Epoch != epochs[name] {
			t.Fatalf("step %d: %s goes on at %v, after %d", step, name, at, len(said[name])-1)
		}
		if random.IntN(10) > 0 {
			continue
		}
		left, newestGone, oldestLeft := 0, -1, step
		for name, want := range said {
			p := all(t, log, name)
			gone := 0
			if p.Gap != nil {
				gone = int(p.Gap.To)
			}
			if p.Last != int64(len(want)) || gone+len(p.Records) != len(want) {
				t.Fatalf("step %d: of %d of %s, %d are gone and %d there", step, len(want), name, gone, len(p.Records))
			}
			if gone > 0 {
				newestGone = max(newestGone, want[gone-1].step)
			}
			if gone < len(want) {
				oldestLeft = min(oldestLeft, want[gone].step)
			}
			for i, r := range p.Records {
				if !bytes.Equal(r.Data, want[gone+i].data) {
					t.Fatalf("step %d: record %d of %s is another", step, r.Offset, name)
				}
				left += len(r.Data)
			}
		}
		if newestGone >= oldestLeft {
			t.Fatalf("step %d: that of step %d is gone, and that of step %d is there", step, newestGone, oldestLeft)
		}
		if left > most || o.Stored().Size() > most+4096 {
			t.Fatalf("step %d: there are %d bytes, and %d are stored", step, left, o.Stored().Size())
		}
	}
}
