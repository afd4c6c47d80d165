package auth_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/auth"
	"partline.dev/server/fresh"
	"partline.dev/server/front"
	"partline.dev/server/grants"
	"partline.dev/server/hub"
	"partline.dev/server/keys"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

func TestTicket_letsInWhoItIsFor(t *testing.T) {
	h := newHouse(t)
	ticket := h.mint(grants.Ticket{
		Tenant: "contoso", User: "ann", Name: " Ann ", Icon: "https://pictures.example/ann.png", Roles: []string{"editor"},
		Hubs: []string{"Chat", "quiz"}, Places: []string{"hall"}, Scope: contract.ScopePlace,
		Scopes: contract.ScopesOf(contract.ScopePage, contract.ScopePlace), Session: time.Hour,
	})
	before := time.Now().UnixMilli()
	admission, err := h.redeem(ticket, atChat)
	if err != nil {
		t.Fatal(err)
	}
	p := admission.Principal
	if p.Tenant != "contoso" || p.ID != "ann" || p.Name != "Ann" || p.Icon != "https://pictures.example/ann.png" || !slices.Equal(p.Roles, []string{"editor"}) ||
		!slices.Equal(p.Places, []string{"hall"}) || p.Scope != contract.ScopePlace || p.Scopes != contract.ScopesOf(contract.ScopePage, contract.ScopePlace) || len(p.Session) != 22 {
		t.Errorf("the principal is %+v", p)
	}
	if left := p.Expires - before; left < time.Hour.Milliseconds() || left > time.Hour.Milliseconds()+60_000 {
		t.Errorf("the session is %d ms long", left)
	}
	if admission.Handover || admission.SessionToken == "" || admission.SessionToken == ticket {
		t.Errorf("our client is let in as %+v", admission)
	}
}

func TestTicket_asBearerOfAnotherClientIsHandedOver(t *testing.T) {
	h := newHouse(t)
	admission, err := h.Negotiate(request(h.mint(ann), ""), atChat, nil)
	if err != nil || !admission.Handover || admission.SessionToken == "" || admission.Principal.ID != "ann" {
		t.Fatalf("it is let in as %+v, %v", admission, err)
	}
	again, err := h.Negotiate(request(admission.SessionToken, ""), atChat, nil)
	if err != nil || again.Handover || again.SessionToken != "" || again.Principal.ID != "ann" {
		t.Errorf("with the session token it is let in as %+v, %v", again, err)
	}
}

// Whom the hub refuses has the ticket still: who asked for a scope that is not
// allowed asks for another one.
func TestTicket_isKeptByWhoDoesNotComeIn(t *testing.T) {
	h := newHouse(t)
	ticket, no := h.mint(ann), errors.New("not in this scope")
	at := atChat
	at.Admits = func(p hub.Principal) error {
		if p.ID != "ann" {
			t.Errorf("the hub is asked for %+v", p)
		}
		return no
	}
	if admission, err := h.redeem(ticket, at); !errors.Is(err, no) || admission.SessionToken != "" || admission.Principal.ID != "ann" {
		t.Fatalf("who is refused gets %+v, %v", admission, err)
	}
	if _, err := h.redeem(ticket, atChat); err != nil {
		t.Errorf("the ticket is gone: %v", err)
	}
}

func TestTicket_asQueryOfAWebSocket(t *testing.T) {
	h := newHouse(t)
	r := httptest.NewRequest(http.MethodGet, "/hubs/chat?access_token="+h.mint(ann), nil)
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "websocket")
	admission, err := h.Negotiate(r, atChat, nil)
	if err != nil || admission.Principal.ID != "ann" {
		t.Errorf("it is let in as %+v, %v", admission, err)
	}
}

func TestHostile_ticketUsedTwice(t *testing.T) {
	h := newHouse(t)
	ticket := h.mint(ann)
	_, err := h.redeem(ticket, atChat)
	wantIn(t, err)
	_, err = h.redeem(ticket, atChat)
	wantRefused(t, err, access.CodeTicketSpent, ticket)
	_, err = h.Negotiate(request(ticket, ""), atChat, nil)
	wantRefused(t, err, access.CodeTicketSpent, ticket)
}

func TestHostile_ticketUsedTwiceAtOnce(t *testing.T) {
	h := newHouse(t, in(t.TempDir()))
	for range 20 {
		ticket := h.mint(ann)
		var in, spent atomic.Int64
		var ready sync.WaitGroup
		start := make(chan struct{})
		for range 100 {
			ready.Go(func() {
				<-start
				_, err := h.redeem(ticket, atChat)
				if err == nil {
					in.Add(1)
					return
				}
				wantRefused(t, err, access.CodeTicketSpent)
				spent.Add(1)
			})
		}
		close(start)
		ready.Wait()
		if in.Load() != 1 || spent.Load() != 99 {
			t.Fatalf("of 100 at once %d came in, and %d heard that it is spent", in.Load(), spent.Load())
		}
	}
}

func TestHostile_ticketAfterItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		ticket, last := h.mint(ann), h.mint(ann)
		time.Sleep(grants.DefaultTicket - time.Millisecond)
		_, err := h.redeem(last, atChat)
		wantIn(t, err)
		time.Sleep(time.Millisecond)
		_, err = h.redeem(ticket, atChat)
		wantRefused(t, err, access.CodeTicketExpired, ticket)
	})
}

func TestHostile_ticketBeforeItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		ticket, err := grants.Mint(h.signer, ann, time.Now().Add(time.Minute+time.Second))
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.redeem(ticket, atChat)
		wantRefused(t, err, access.CodeTicketExpired, ticket)
		time.Sleep(2 * time.Second) // a clock may be a minute off
		_, err = h.redeem(ticket, atChat)
		wantIn(t, err)
	})
}

func TestHostile_ticketForAnotherHub(t *testing.T) {
	h := newHouse(t)
	ticket := h.mint(grants.Ticket{Tenant: "contoso", User: "ann", Hubs: []string{"quiz"}})
	_, err := h.redeem(ticket, atChat)
	wantRefused(t, err, access.CodeTicket, ticket)
	_, err = h.redeem(ticket, front.At{Hub: "Quiz"})
	wantIn(t, err) // that it was refused elsewhere has not used it up
}

func TestHostile_ticketOfAnotherTenant(t *testing.T) {
	h := newHouse(t)
	ticket := h.mint(ann)
	for what, try := range map[string]struct {
		at     front.At
		origin string
		key    string
		want   access.Code
	}{
		"its address":   {front.At{Hub: "chat", Tenant: "fabrikam"}, "", "", access.CodeTicket},
		"its embed key": {atChat, "", "ek_fabrikam__________", access.CodeTicket},
		"its site":      {atChat, "https://fabrikam.example", "", access.CodeHost},
		"no embed key":  {atChat, "", "ek_nobody__________", access.CodeKey},
	} {
		t.Run(what, func(t *testing.T) {
			_, err := h.Negotiate(request("", try.origin), try.at, &access.Request{Ticket: ticket, Key: try.key})
			wantRefused(t, err, try.want, ticket)
		})
	}
	_, err := h.Negotiate(request("", "https://contoso.example"), front.At{Hub: "chat", Tenant: "contoso"}, &access.Request{Ticket: ticket, Key: "ek_contoso__________"})
	wantIn(t, err) // none of these has used it up
	ticket = h.mint(grants.Ticket{Tenant: "gone", User: "ann"})
	_, err = h.redeem(ticket, atChat)
	wantRefused(t, err, access.CodeTicket, ticket)
}

func TestHostile_ticketForged(t *testing.T) {
	h := newHouse(t)
	good := h.mint(ann)
	session, _ := h.session(ann)
	foreign, err := grants.Mint(keys.NewSigner(keys.Random()), ann, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	forged := map[string]string{
		"of other keys":                  foreign,
		"cut":                            good[:len(good)-1],
		"longer":                         good + "A",
		"without its beginning":          strings.TrimPrefix(good, "pt1."),
		"of a later version":             "pt2." + strings.TrimPrefix(good, "pt1."),
		"with nothing":                   "pt1.",
		"64 KiB":                         "pt1." + strings.Repeat("A", 64<<10),
		"a session token":                session,
		"a session token, dressed up":    "pt1." + strings.TrimPrefix(session, "ps1."),
		"signed for another use":         "pt1." + h.signer.Sign("groups", []byte(`{}`)),
		"signed, and no ticket":          "pt1." + h.signer.Sign("ticket 1", []byte(`{}`)),
		"signed, with what nobody knows": "pt1." + h.signer.Sign("ticket 1", []byte(`{"i":"AAAAAAAAAAAAAAAAAAAAAA","t":"contoso","u":"ann","b":1,"e":9000000000000,"d":1000,"only":"fridays"}`)),
	}
	for i := range len(good) {
		if i%7 == 0 && i >= 4 {
			forged[fmt.Sprint("changed at ", i)] = good[:i] + swapped(good[i]) + good[i+1:]
		}
	}
	for what, ticket := range forged {
		_, err := h.redeem(ticket, atChat)
		if err == nil {
			t.Errorf("a ticket %s was taken", what)
			continue
		}
		wantRefused(t, err, access.CodeTicket, good)
	}
	if _, err = h.Negotiate(request("pt1."+strings.TrimPrefix(session, "ps1."), ""), atChat, nil); err == nil {
		t.Error("a session token was taken as a ticket")
	}
	_, err = h.redeem(good, atChat)
	wantIn(t, err)
}

// swapped is another letter of the same alphabet.
func swapped(c byte) string {
	if c == 'A' {
		return "B"
	}
	return "A"
}

func TestHostile_ticketFlood(t *testing.T) {
	h := newHouse(t, in(t.TempDir()))
	good := h.mint(ann)
	for i := range 10_000 {
		at := 4 + i%(len(good)-5) // its last letter has bits that mean nothing
		_, err := h.redeem(good[:at]+swapped(good[at])+good[at+1:], atChat)
		wantRefused(t, err, access.CodeTicket)
	}
	if n := auth.SpentOf(h.Authority); n != 0 {
		t.Errorf("of 10,000 forged tickets %d are remembered", n)
	}
	if info, err := os.Stat(h.options.Data + "/tickets-spent"); err != nil || info.Size() != 0 {
		t.Errorf("of 10,000 forged tickets something was written down: %v", err)
	}
	_, err := h.redeem(good, atChat)
	wantIn(t, err)
}

func TestHostile_ticketsMoreThanAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		auth.SetMaxSpent(h.Authority, 10)
		short := grants.Ticket{Tenant: "contoso", User: "ann", For: 10 * time.Second}
		for range 10 {
			_, err := h.redeem(h.mint(short), atChat)
			wantIn(t, err)
		}
		waits := h.mint(ann)
		_, err := h.redeem(waits, atChat)
		wantRefused(t, err, access.CodeRate)
		_, err = h.redeem(h.mint(grants.Ticket{Tenant: "fabrikam", User: "bob"}), atChat)
		wantIn(t, err) // one tenant's are none of another's
		time.Sleep(10 * time.Second)
		_, err = h.redeem(waits, atChat)
		wantIn(t, err)
	})
}

func TestTicket_overARotationOfOurKeys(t *testing.T) {
	path := t.TempDir() + "/keys"
	synctest.Test(t, func(t *testing.T) {
		var signer *keys.Signer
		h := newHouse(t, func(o *auth.Options) {
			ring, err := keys.Open(o.Log, path)
			if err != nil {
				t.Fatal(err)
			}
			signer = keys.NewSigner(ring)
			o.Signer = signer
		})
		h.signer = signer
		rotate := func() {
			t.Helper()
			if err := keys.Rotate(path); err != nil {
				t.Fatal(err)
			}
			time.Sleep(fresh.Period)
		}
		session, _ := h.session(ann)
		ticket, old := h.mint(ann), h.mint(ann)
		rotate()
		_, err := h.redeem(ticket, atChat)
		wantIn(t, err)
		_, err = h.bearer(session)
		wantIn(t, err)
		rotate()
		_, err = h.redeem(old, atChat)
		wantRefused(t, err, access.CodeTicket, old)
		_, err = h.bearer(session)
		wantRefused(t, err, access.CodeSession, session)
	})
}
