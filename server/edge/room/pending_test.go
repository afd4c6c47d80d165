package room_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"partline.dev/server/edge/inside"
	"partline.dev/server/edge/room"
	"partline.dev/server/edge/room/roomtest"
	"partline.dev/shared/access"
)

// negotiation is one from an address.
func negotiation(address string) *inside.Negotiation {
	full := fullRecord()
	return &inside.Negotiation{Version: inside.Version, Hub: "chat", Principal: full.Principal, Where: full.Where, Address: address, Origin: full.Origin}
}

// negotiate negotiates, or fails the test.
func negotiate(t *testing.T, m room.Memory, n *inside.Negotiation) *inside.Negotiated {
	t.Helper()
	made, refused := m.Negotiate(n)
	if refused != nil {
		t.Fatalf("refused: %+v", refused)
	}
	return made
}

func TestPending_isOpenedOnceAlsoAfterAnEviction(t *testing.T) {
	o := roomtest.New()
	m := openMemory(t, o)
	n := negotiation("192.0.2.1")
	made := negotiate(t, m, n)
	object, secret, _ := strings.Cut(made.Token, ".")
	if object != o.ID() || len(secret) != 22 || len(made.ID) != 22 || made.ID == secret {
		t.Fatalf("negotiated is %+v", made)
	}
	m, _ = evicted(t, o)
	want := room.Record{
		ID: made.ID, Hub: "chat", Address: n.Address, Origin: n.Origin, Principal: n.Principal, Where: n.Where,
		Since: o.Now(), Until: o.Now() + 15_000,
	}
	for range 2 {
		if r, ok := m.Look(made.Token); !ok || !reflect.DeepEqual(r, want) {
			t.Fatalf("it waits as %+v, %v", r, ok)
		}
	}
	for _, wrong := range []string{"", ".", secret, "." + secret, o.ID() + ".", o.ID() + "." + made.ID, o.ID()[1:] + "." + secret, made.Token + "x", made.Token + "." + secret, strings.ToUpper(made.Token)} {
		if _, ok := m.Look(wrong); ok {
			t.Errorf("%q is taken for %q", wrong, made.Token)
		}
		if err := m.Take(wrong); err != nil {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if err := m.Take(made.Token); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, ok := m.Look(made.Token); ok {
			t.Fatal("it was taken, and is there")
		}
		m, _ = evicted(t, o)
	}
}

func TestPending_ofVersion0HasItsTokenAsID(t *testing.T) {
	m := openMemory(t, roomtest.New())
	n := negotiation("")
	n.Old = true
	made := negotiate(t, m, n)
	if r, ok := m.Look(made.Token); !ok || made.ID != made.Token || r.ID != made.Token {
		t.Errorf("negotiated is %+v, and it waits as %q", made, r.ID)
	}
}

func TestPending_isOverWithTheHandshake(t *testing.T) {
	o := roomtest.New()
	m := openMemory(t, o)
	made := negotiate(t, m, negotiation("192.0.2.1"))
	o.Advance(15*time.Second - time.Millisecond)
	if _, ok := m.Look(made.Token); !ok {
		t.Fatal("it is over before its time")
	}
	o.Advance(time.Millisecond)
	if _, ok := m.Look(made.Token); ok {
		t.Error("its time is over, and it may be opened")
	}
	m, _ = evicted(t, o)
	negotiate(t, m, negotiation("192.0.2.1"))
	if keys := o.Stored().Keys("p/"); len(keys) != 1 {
		t.Errorf("one waits, and there is %q", keys)
	}
}

// An address has its share, and what it has is counted after an eviction, too.
func TestPending_isBounded(t *testing.T) {
	o := roomtest.New()
	m := openMemory(t, o)
	refused := func(address string, status int, code access.Code) {
		t.Helper()
		size := o.Stored().Size()
		if _, r := m.Negotiate(negotiation(address)); r == nil || r.Status != status || r.Code != code || r.Retry == 0 || r.Text == "" {
			t.Errorf("%s gets %+v", address, r)
		}
		if o.Stored().Size() != size {
			t.Error("a refusal has changed something")
		}
	}
	var tokens []string
	for i := range room.MaxPending {
		tokens = append(tokens, negotiate(t, m, negotiation(fmt.Sprint("address ", i/64))).Token)
		if i == 63 || i == 64 {
			m, _ = evicted(t, o)
			refused("address 0", http.StatusTooManyRequests, access.CodeRate)
		}
	}
	refused("another", http.StatusServiceUnavailable, "")
	m, _ = evicted(t, o)
	refused("another", http.StatusServiceUnavailable, "")
	if err := m.Take(tokens[0]); err != nil {
		t.Fatal(err)
	}
	negotiate(t, m, negotiation("address 0"))
	refused("another", http.StatusServiceUnavailable, "")
	o.Advance(15 * time.Second)
	negotiate(t, m, negotiation("another"))
	if n := len(o.Stored().Keys("p/")); n != 1 {
		t.Errorf("one waits, and %d are stored", n)
	}
}

func TestPending_whatTheStorageRefuses(t *testing.T) {
	o := roomtest.New()
	m := openMemory(t, o)
	made := negotiate(t, m, negotiation("192.0.2.1"))
	o.Stored().Refuse(room.ErrStorageFull)
	for range 100 { // none of them counts
		if _, r := m.Negotiate(negotiation("192.0.2.1")); r == nil || r.Status != http.StatusServiceUnavailable || r.Retry == 0 {
			t.Fatalf("refused with %+v", r)
		}
	}
	if _, ok := m.Look(made.Token); !ok {
		t.Error("what was negotiated before is gone")
	}
	o.Stored().Refuse(nil)
	negotiate(t, m, negotiation("192.0.2.1"))
}

// What a connection was negotiated as, and the token that was given away, are one write:
// if that is lost, nobody was told of it.
func TestPending_whatIsNotKeptWasNotSaid(t *testing.T) {
	o := roomtest.New()
	m := openMemory(t, o)
	if err := o.Commit(); err != nil {
		t.Fatal(err)
	}
	o.FailCommit()
	made := negotiate(t, m, negotiation("192.0.2.1"))
	if err := o.Commit(); err == nil {
		t.Fatal("the commit has not failed")
	}
	m = openMemory(t, o)
	if _, ok := m.Look(made.Token); ok {
		t.Error("it is there, and was never stored")
	}
}
