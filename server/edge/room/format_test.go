package room_test

import (
	"errors"
	"fmt"
	"testing"

	"partline.dev/server/edge/room"
	"partline.dev/server/edge/room/roomtest"
)

// An older version of the program meets what a newer one has stored while that one is
// brought out, or taken back.
func TestFormat_ofANewerVersionIsLeftAlone(t *testing.T) {
	o := roomtest.New()
	m := openMemory(t, o)
	o.Open(1)
	save(t, m, 1, wide("a", 5000))
	negotiate(t, m, negotiation(""))
	if err := o.Storage().Put("meta/format", []byte{2}); err != nil {
		t.Fatal(err)
	}
	if err := o.Commit(); err != nil {
		t.Fatal(err)
	}
	before, puts, attached := fmt.Sprint(o.Stored().Keys("")), o.Stored().Puts(), o.Attaches()
	for range 2 {
		if _, err := room.OpenMemory(o, room.Options{}); !errors.Is(err, room.ErrNewer) {
			t.Errorf("it begins: %v", err)
		}
	}
	if after := fmt.Sprint(o.Stored().Keys("")); after != before || o.Stored().Puts() != puts || o.Attaches() != attached {
		t.Errorf("there was %s, and is %s", before, after)
	}
	if err := o.Storage().Put("meta/format", []byte{1}); err != nil {
		t.Fatal(err)
	}
	if _, left := evicted(t, o); len(left) != 1 {
		t.Error("the newer version does not find what was there")
	}
}

func TestFormat_thatCannotBe(t *testing.T) {
	for _, value := range []string{"", "\x00", "\xff", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"} {
		o := roomtest.New()
		if err := o.Storage().Put("meta/format", []byte(value)); err != nil {
			t.Fatal(err)
		}
		if _, err := room.OpenMemory(o, room.Options{}); err == nil || errors.Is(err, room.ErrNewer) {
			t.Errorf("%q: %v", value, err)
		}
	}
}

func TestFormat_thatCannotBeWritten(t *testing.T) {
	o := roomtest.New()
	o.Stored().Refuse(room.ErrStorageFull)
	if _, err := room.OpenMemory(o, room.Options{}); !errors.Is(err, room.ErrStorageFull) {
		t.Errorf("it begins: %v", err)
	}
}

func TestPutAll_putsAllOrNothing(t *testing.T) {
	o := roomtest.New()
	s := o.Storage()
	if err := room.PutAll(s, "a", "old", "b", "old"); err != nil {
		t.Fatal(err)
	}
	o.Stored().Limit(o.Stored().Size() + 4)
	if err := room.PutAll(s, "a", "new", "c", "1", "b", "x", "d", "too long"); !errors.Is(err, room.ErrStorageFull) {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"a": "old", "b": "old", "c": "", "d": ""} {
		if got, err := s.Get(key); err != nil || string(got) != want {
			t.Errorf("%s is %q, %v", key, got, err)
		}
	}
	if err := room.PutAll(s, "a", "new", "c", "1"); err != nil {
		t.Error(err)
	}
	if err := room.PutAll(torn{s}, "a", "x", "c", "2"); !errors.Is(err, room.ErrTorn) {
		t.Errorf("what cannot be undone is %v", err)
	}
}

// torn is a storage that takes one value of a kind, and nothing after it.
type torn struct{ room.Storage }

var errTornStorage = errors.New("a storage that takes no more")

func (s torn) Put(key string, value []byte) error {
	if string(value) != "x" {
		return errTornStorage
	}
	return s.Storage.Put(key, value)
}
