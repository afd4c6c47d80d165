package room_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"

	"partline.dev/server/edge/room"
	"partline.dev/server/edge/room/roomtest"
)

// openMemory opens what o has stored, or fails the test.
func openMemory(t *testing.T, o room.Object) room.Memory {
	t.Helper()
	m, err := room.OpenMemory(o, room.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// save saves r, or fails the test.
func save(t *testing.T, m room.Memory, socket int32, r room.Record) {
	t.Helper()
	if err := m.Save(socket, r); err != nil {
		t.Fatal(err)
	}
}

// wide is a record whose groups take so many bytes.
func wide(id string, size int) room.Record {
	r := room.Record{ID: id, Hub: "chat", Codec: "json", Address: "192.0.2.1"}
	for n := 0; n < size; n += 200 {
		r.Groups = append(r.Groups, strings.Repeat("g", 190)+fmt.Sprintf("%010d", n))
	}
	return r
}

// evicted is the memory of the object after an eviction, and what it has loaded.
func evicted(t *testing.T, o *roomtest.Fake) (room.Memory, map[int32]room.Record) {
	t.Helper()
	if err := o.Commit(); err != nil {
		t.Fatal(err)
	}
	m, all := openMemory(t, o), map[int32]room.Record{}
	for _, socket := range o.Sockets() {
		r, err := m.Load(o.Attachment(socket))
		if err != nil {
			t.Fatalf("socket %d: %v", socket, err)
		}
		all[socket] = r
	}
	return m, all
}

// rest are the keys of what is stored of connections.
func rest(o *roomtest.Fake) []string {
	return append(o.Stored().Keys("c/"), o.Stored().Keys("d/")...)
}

func TestMemory_whatASocketKeepsComesBack(t *testing.T) {
	o := roomtest.New()
	m, want := openMemory(t, o), map[int32]room.Record{}
	sizes := []int{0, 200, 1600, 1800, 2000, 2200, 10_000, 100_000, 1<<20 - 1000, 1<<20 + 1000, 3 << 20}
	for i, size := range sizes {
		socket := int32(i + 1)
		o.Open(socket)
		want[socket] = wide(fmt.Sprint("connection/", i), size)
		save(t, m, socket, want[socket])
	}
	for name, r := range records() {
		socket := int32(len(want) + 1)
		o.Open(socket)
		r.ID = name + "/" + r.ID
		want[socket] = r
		save(t, m, socket, r)
	}
	for range 2 {
		again, got := evicted(t, o)
		if !reflect.DeepEqual(got, want) {
			t.Fatal("what came back is not what was kept")
		}
		if n := len(o.Stored().Keys("c/")); n == 0 || n == len(want) {
			t.Fatalf("%d of %d records are in storage, which tries only one of the ways", n, len(want))
		}
		m = again
	}
	for socket, r := range want {
		o.Gone(socket)
		if err := m.Forget(r); err != nil {
			t.Fatal(err)
		}
	}
	if keys := rest(o); len(keys) > 0 {
		t.Errorf("all have ended, and there is %q", keys)
	}
}

func TestMemory_attachesOnlyWhatHasChanged(t *testing.T) {
	o := roomtest.New()
	m := openMemory(t, o)
	o.Open(1)
	for _, r := range []room.Record{fullRecord(), wide("x", 5000)} {
		save(t, m, 1, r)
		attaches, puts := o.Attaches(), o.Stored().Puts()
		save(t, m, 1, r)
		m, _ = evicted(t, o)
		save(t, m, 1, r)
		if o.Attaches() != attaches || o.Stored().Puts() != puts {
			t.Errorf("nothing has changed, and %d were attached and %d put", o.Attaches()-attaches, o.Stored().Puts()-puts)
		}
		for i := range 3 {
			r.Hub = fmt.Sprint("hub ", i) // as long as before
			save(t, m, 1, r)
			if o.Attaches() != attaches+i+1 {
				t.Error("a change was not attached")
			}
		}
	}
}

// A record that grows and shrinks leaves nothing behind.
func TestMemory_recordsOfChangingLength(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	o := roomtest.New()
	m, now := openMemory(t, o), map[int32]room.Record{}
	for step := range 150 {
		socket := int32(random.IntN(4) + 1)
		id := fmt.Sprint("connection ", socket)
		switch r, there := now[socket]; {
		case there && random.IntN(4) == 0:
			o.Gone(socket)
			delete(now, socket)
			if err := m.Forget(r); err != nil {
				t.Fatal(err)
			}
		default:
			if !there {
				o.Open(socket)
			}
			size := []int{0, 1500, 2500, 5000}[random.IntN(4)]
			if random.IntN(12) == 0 {
				size = 5 << 19 // of three values
			}
			now[socket] = wide(id, size)
			save(t, m, socket, now[socket])
		}
		if random.IntN(8) == 0 {
			var got map[int32]room.Record
			if m, got = evicted(t, o); !reflect.DeepEqual(got, now) {
				t.Fatalf("step %d: what came back is not what was kept", step)
			}
		}
		stored := 0
		for _, r := range now {
			if len(r.Groups) > 10 {
				stored++
			}
		}
		if n := len(o.Stored().Keys("c/")); n != stored {
			t.Fatalf("step %d: %d records are stored, of %d that are long", step, n, stored)
		}
	}
}

// Who ended while the room was not in memory is forgotten before the next change.
func TestMemory_sweepsThoseThatAreGone(t *testing.T) {
	o := roomtest.New()
	m := openMemory(t, o)
	const many = 600 // more than a list looks at
	for i := range int32(many) {
		o.Open(i)
		save(t, m, i, wide(fmt.Sprint(i), 2500))
	}
	for i := range int32(many) {
		if i%3 != 0 {
			o.Gone(i)
		}
	}
	m, left := evicted(t, o)
	if len(o.Stored().Keys("c/")) != many {
		t.Fatal("something was removed before anything changed")
	}
	save(t, m, 0, wide("0", 4000))
	if n := len(o.Stored().Keys("c/")); n != len(left) || len(left) != many/3 {
		t.Errorf("%d are there, and %d are stored", len(left), n)
	}
	if _, again := evicted(t, o); len(again) != len(left) || len(again[0].Groups) != 20 {
		t.Errorf("of those that are there, %d came back, the first with %d groups", len(again), len(again[0].Groups))
	}
}

func TestMemory_whatTheStorageRefuses(t *testing.T) {
	for name, size := range map[string]int{"in one piece": 20_000, "in several": 3 << 20} {
		o := roomtest.New()
		m := openMemory(t, o)
		o.Open(1)
		o.Open(2)
		save(t, m, 1, wide("a", 10_000))
		save(t, m, 2, wide("b", 10_000))
		before := o.Attachment(1)
		o.Stored().Limit(o.Stored().Size() + size/2)
		if err := m.Save(1, wide("a", size)); !errors.Is(err, room.ErrStorageFull) {
			t.Fatalf("%s: %v", name, err)
		}
		if !bytes.Equal(o.Attachment(1), before) {
			t.Errorf("%s: something was attached", name)
		}
		o.Close(1, 1013, "") // what the room does then
		o.Gone(1)
		if err := m.Forget(wide("a", size)); err != nil {
			t.Fatal(err)
		}
		if keys := o.Stored().Keys("d/"); len(keys) != 1 {
			t.Errorf("%s: of the one that is left, and the other, there is %q", name, keys)
		}
		if _, left := evicted(t, o); !reflect.DeepEqual(left, map[int32]room.Record{2: wide("b", 10_000)}) {
			t.Errorf("%s: the other came back as another", name)
		}
	}
	o := roomtest.New()
	m := openMemory(t, o)
	o.Open(1)
	if err := m.Save(1, wide("a", room.MaxRecord)); err == nil || len(rest(o)) > 0 {
		t.Errorf("a record of more than there may be: %v, stored is %q", err, rest(o))
	}
	save(t, m, 1, wide("a", 3<<20))
}

func TestMemory_refusesWhatItCannotRead(t *testing.T) {
	o := roomtest.New()
	m := openMemory(t, o)
	o.Open(1)
	o.Open(2)
	save(t, m, 1, wide("a", 100))
	save(t, m, 2, wide("a/b", 9000))
	if err := o.Commit(); err != nil {
		t.Fatal(err)
	}
	short, long := o.Attachment(1), o.Attachment(2)
	for _, good := range [][]byte{short, long} {
		for n := range good {
			if _, err := m.Load(good[:n]); !errors.Is(err, room.ErrRecord) {
				t.Errorf("the first %d of %d bytes are read: %v", n, len(good), err)
			}
		}
		if _, err := m.Load(append(bytes.Clone(good), 1)); !errors.Is(err, room.ErrRecord) {
			t.Errorf("with a byte more: %v", err)
		}
		newer := append([]byte{2}, good[1:]...)
		if _, err := m.Load(newer); !errors.Is(err, room.ErrNewer) {
			t.Errorf("a newer attachment: %v", err)
		}
	}
	inside := bytes.Clone(short)
	inside[2] = 2
	if _, err := m.Load(inside); !errors.Is(err, room.ErrNewer) {
		t.Errorf("a newer record: %v", err)
	}
	elsewhere := bytes.Clone(short)
	elsewhere[1] = 7
	if _, err := m.Load(elsewhere); !errors.Is(err, room.ErrRecord) {
		t.Errorf("a record that is nowhere: %v", err)
	}
	// What is stored is not what the attachment means.
	for _, key := range o.Stored().Keys("d/") {
		if err := o.Storage().Put(key, []byte("something else")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.Load(long); !errors.Is(err, room.ErrRecord) {
		t.Errorf("with something else in storage: %v", err)
	}
	for _, key := range rest(o) {
		if err := o.Storage().Delete(key); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.Load(long); !errors.Is(err, room.ErrRecord) {
		t.Errorf("with nothing in storage: %v", err)
	}
}

// See TestRecord_version1IsReadAsItWasWritten.
func TestMemory_version1OfAnAttachmentIsReadAsItWasWritten(t *testing.T) {
	o := roomtest.New()
	m := openMemory(t, o)
	for name, r := range map[string]room.Record{"here": fullRecord(), "stored": wide("a/b", 3000)} {
		file := "testdata/attachment-1-" + name
		o.Open(1)
		save(t, m, 1, r)
		if *update {
			if err := os.WriteFile(file, o.Attachment(1), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		golden, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(golden, o.Attachment(1)) {
			t.Errorf("%s is %q now, and was %q: that is another version", file, o.Attachment(1), golden)
		}
		if got, err := m.Load(golden); err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("%s is read as %+v, %v", file, got, err)
		}
	}
}

func FuzzLoad(f *testing.F) {
	o := roomtest.New()
	m, err := room.OpenMemory(o, room.Options{})
	if err != nil {
		f.Fatal(err)
	}
	for _, r := range []room.Record{fullRecord(), wide("a/b", 3000)} {
		o.Open(1)
		if err := m.Save(1, r); err != nil {
			f.Fatal(err)
		}
		f.Add(o.Attachment(1))
	}
	f.Fuzz(func(t *testing.T, state []byte) {
		m, err := room.OpenMemory(o, room.Options{})
		if err != nil {
			t.Fatal(err)
		}
		r, err := m.Load(state)
		if err != nil {
			return
		}
		other := roomtest.New()
		other.Open(1)
		again, err := room.OpenMemory(other, room.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := again.Save(1, r); err != nil {
			t.Fatal(err)
		}
		if got, err := again.Load(other.Attachment(1)); err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("%+v came back as %+v, %v", r, got, err)
		}
	})
}
