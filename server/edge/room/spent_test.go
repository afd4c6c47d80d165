package room_test

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"testing"
	"time"

	"partline.dev/server/edge/inside"
	"partline.dev/server/edge/room"
	"partline.dev/server/edge/room/roomtest"
	"partline.dev/shared/access"
)

// ticket is a new one that is over so long after now.
func ticket(o *roomtest.Fake, lasts time.Duration) *inside.Spend {
	var id [16]byte
	_, _ = rand.Read(id[:])
	return &inside.Spend{Version: inside.Version, Ticket: base64.RawURLEncoding.EncodeToString(id[:]), Until: o.Now() + lasts.Milliseconds()}
}

// spent are the codes of what is said when each is spent in turn; "": it was.
func spent(m room.Memory, tickets ...*inside.Spend) (codes []access.Code) {
	for _, s := range tickets {
		code := access.Code("")
		if r := m.Spend(s); r != nil {
			if code = r.Code; code == "" {
				code = access.Code(fmt.Sprint(r.Status))
			}
		}
		codes = append(codes, code)
	}
	return codes
}

func wantCodes(t *testing.T, got []access.Code, want ...access.Code) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("said is %q, not %q", got, want)
	}
}

func TestSpent_onceUntilItIsOver(t *testing.T) {
	o := roomtest.New()
	m := openMemory(t, o)
	a, b := ticket(o, time.Minute), ticket(o, 10*time.Minute)
	wantCodes(t, spent(m, a, b, a, b), "", "", access.CodeTicketSpent, access.CodeTicketSpent)
	m, _ = evicted(t, o)
	wantCodes(t, spent(m, a, b), access.CodeTicketSpent, access.CodeTicketSpent)
	o.Advance(time.Minute - time.Millisecond)
	wantCodes(t, spent(m, a), access.CodeTicketSpent)
	o.Advance(time.Millisecond)
	wantCodes(t, spent(m, a, b), access.CodeTicketExpired, access.CodeTicketSpent)
	c := ticket(o, time.Minute)
	wantCodes(t, spent(m, c, b, a), "", access.CodeTicketSpent, access.CodeTicketExpired)
	if n := len(o.Stored().Keys("t/")); n != 2 {
		t.Errorf("two are not over, and %d are known", n)
	}
}

func TestSpent_refusesWhatIsNoTicket(t *testing.T) {
	o := roomtest.New()
	m := openMemory(t, o)
	size := o.Stored().Size()
	for _, id := range []string{"", "x", "t/x", "AAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAA/A", "AAAAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAAAAAAAAA\n", "AAAAAAAAAAAAAAAAAAAAAB"} {
		wantCodes(t, spent(m, &inside.Spend{Ticket: id, Until: o.Now() + 1000}), access.CodeTicket)
	}
	good := ticket(o, time.Minute).Ticket
	for _, until := range []int64{0, -1, -1 << 63, o.Now()} {
		wantCodes(t, spent(m, &inside.Spend{Ticket: good, Until: until}), access.CodeTicketExpired)
	}
	if o.Stored().Size() != size {
		t.Error("something was stored")
	}
	wantCodes(t, spent(m, &inside.Spend{Ticket: good, Until: 1<<63 - 1}, &inside.Spend{Ticket: good, Until: o.Now() + 1}), "", access.CodeTicketSpent)
}

func TestSpent_isBounded(t *testing.T) {
	o := roomtest.New()
	m := openMemory(t, o)
	m.SpendAtMost(100)
	var short []*inside.Spend
	for range 50 {
		short = append(short, ticket(o, time.Minute))
		wantCodes(t, spent(m, short[len(short)-1], ticket(o, time.Hour)), "", "")
	}
	late := ticket(o, time.Hour)
	size := o.Stored().Size()
	r := m.Spend(late)
	if r == nil || r.Status != http.StatusTooManyRequests || r.Code != access.CodeRate || r.Retry == 0 {
		t.Fatalf("the 101st is told %+v", r)
	}
	if o.Stored().Size() != size {
		t.Error("a refusal has changed something")
	}
	m, _ = evicted(t, o)
	m.SpendAtMost(100)
	wantCodes(t, spent(m, late, short[0]), access.CodeRate, access.CodeTicketSpent)
	o.Advance(time.Minute)
	wantCodes(t, spent(m, late, late, short[0]), "", access.CodeTicketSpent, access.CodeTicketExpired)
	if n, over := len(o.Stored().Keys("t/")), len(o.Stored().Keys("u/")); n != 51 || over != 51 {
		t.Errorf("51 are not over, and %d and %d are known", n, over)
	}
}

func TestSpent_whatTheStorageRefuses(t *testing.T) {
	o := roomtest.New()
	m := openMemory(t, o)
	wantCodes(t, spent(m, ticket(o, time.Minute)), "")
	a := ticket(o, time.Minute)
	size := o.Stored().Size()
	for more := range 120 { // each of the writes fails once
		o.Stored().Limit(size + more)
		r := m.Spend(a)
		if r == nil {
			if more < 60 {
				t.Fatalf("%d bytes were enough", more)
			}
			wantCodes(t, spent(m, a), access.CodeTicketSpent)
			return
		}
		if r.Status != http.StatusServiceUnavailable || r.Retry == 0 {
			t.Fatalf("told is %+v", r)
		}
		if o.Stored().Size() != size {
			t.Fatalf("with room for %d bytes more a refusal has changed something: %q", more, o.Stored().Keys(""))
		}
	}
	t.Error("it was never spent")
}

// A ticket that was spent in a write that is lost was not: nobody was let in by it.
func TestSpent_whatIsNotKeptWasNotSpent(t *testing.T) {
	o := roomtest.New()
	m := openMemory(t, o)
	if err := o.Commit(); err != nil {
		t.Fatal(err)
	}
	a := ticket(o, time.Minute)
	o.FailCommit()
	wantCodes(t, spent(m, a), "")
	if err := o.Commit(); err == nil {
		t.Fatal("the commit has not failed")
	}
	m = openMemory(t, o)
	wantCodes(t, spent(m, a, a), "", access.CodeTicketSpent)
}
