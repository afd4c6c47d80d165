package support_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"partline.dev/examples/support"
	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/contract/contracttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAPI(t *testing.T) {
	contracttest.Golden(t, support.API, "testdata/api.golden")
}

// kept is a store in memory.
type kept struct {
	mu    sync.Mutex // protects lines
	lines []string
}

func (k *kept) Append(_ context.Context, user, room, text string) error {
	if text == "unlucky" {
		return errors.New("the disk is full")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lines = append(k.lines, user+" in "+room+": "+text)
	return nil
}

var (
	ann = hub.Principal{ID: "ann", Roles: []string{"agent"}}
	bob = hub.Principal{ID: "bob"}
)

func TestSay_reachesTheRoom(t *testing.T) {
	h := hubtest.New(t, support.New(new(kept)))
	agent, customer := h.Connect(ann), h.Connect(bob)
	if _, err := hubtest.Call(t.Context(), agent, support.Join, support.Room{Name: "bob"}); err != nil {
		t.Fatal(err)
	}
	if _, err := hubtest.Call(t.Context(), customer, support.Say, support.Line{Room: "bob", Text: "Help!"}); err != nil {
		t.Fatal(err)
	}
	want := support.Said{Room: "bob", From: "bob", Text: "Help!"}
	if got := hubtest.Await(t, agent, support.Message); got != want {
		t.Errorf("the agent hears %v", got)
	}
	if got := hubtest.Heard(t, customer, support.Message); len(got) > 0 {
		t.Errorf("who is not in the room hears %v", got)
	}
	_, err := hubtest.Call(t.Context(), customer, support.Say, support.Line{Room: "bob"})
	if public := (*hub.Error)(nil); !errors.As(err, &public) || public.Message != "Say something." {
		t.Errorf("of nothing to say the customer hears %v", err)
	}
	_, err = hubtest.Call(t.Context(), customer, support.Say, support.Line{Room: "bob", Text: "unlucky"})
	if public := (*hub.Error)(nil); err == nil || errors.As(err, &public) {
		t.Errorf("an error of the store is public: %v", err)
	}
	if _, err = hubtest.Call(t.Context(), agent, support.Leave, support.Room{Name: "bob"}); err != nil {
		t.Error(err)
	}
}

func TestConnect_isAnnounced(t *testing.T) {
	h := hubtest.New(t, support.New(new(kept)))
	agent := h.Connect(ann)
	customer := h.Connect(bob)
	if got := hubtest.Await(t, agent, support.Came); got.User != "bob" {
		t.Errorf("%q came", got.User)
	}
	customer.Close()
	h.Settle()
	if got := hubtest.Await(t, agent, support.Left); got.User != "bob" {
		t.Errorf("%q left", got.User)
	}
}

func TestCloseRoom_isForAgents(t *testing.T) {
	h := hubtest.New(t, support.New(new(kept)))
	agent, customer := h.Connect(ann), h.Connect(bob)
	lobby := support.Room{Name: "lobby"}
	if _, err := hubtest.Call(t.Context(), customer, support.CloseRoom, lobby); err == nil || !strings.Contains(err.Error(), "because user is unauthorized") {
		t.Errorf("a customer: %v", err)
	}
	if _, err := hubtest.Call(t.Context(), agent, support.CloseRoom, lobby); err != nil {
		t.Error(err)
	}
	if got := hubtest.Await(t, customer, support.Closed); got != lobby {
		t.Errorf("the room %v is closed", got)
	}
}

func TestCountdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hubtest.New(t, support.New(new(kept)))
		var got []int
		for n, err := range hubtest.Open(t.Context(), h.Connect(bob), support.Countdown, support.Seconds{From: 3}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, n)
		}
		if len(got) != 3 || got[0] != 3 || got[2] != 1 {
			t.Errorf("it counts %v", got)
		}
		for range hubtest.Open(t.Context(), h.Connect(bob), support.Countdown, support.Seconds{From: 3}) {
			break // a client that cancels
		}
	})
}

func TestAttach_keepsEveryLine(t *testing.T) {
	store := new(kept)
	c := hubtest.New(t, support.New(store)).Connect(bob)
	n, err := hubtest.Call(t.Context(), c, support.Attach, support.Log{Lines: hubtest.Values("one", "two")})
	if n != 2 || err != nil || strings.Join(store.lines, "; ") != "bob in log: one; bob in log: two" {
		t.Errorf("%d lines, %v: %v", n, err, store.lines)
	}
	if _, err := hubtest.Call(t.Context(), c, support.Attach, support.Log{Lines: hubtest.Values("unlucky")}); err == nil {
		t.Error("a line that is not kept is no error")
	}
}

func TestAskCustomer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hubtest.New(t, support.New(new(kept)))
		agent, customer := h.Connect(ann), h.Connect(bob)
		asking := support.Asking{ConnectionID: customer.ID(), Question: "Does it work now?"}
		off := hubtest.Handle(customer, support.Confirm, func(_ context.Context, q support.Question) (bool, error) {
			return q.Text == "Does it work now?", nil
		})
		if yes, err := hubtest.Call(t.Context(), agent, support.AskCustomer, asking); !yes || err != nil {
			t.Errorf("the customer says %v, %v", yes, err)
		}
		off()
		silent := hubtest.Handle(customer, support.Confirm, func(ctx context.Context, _ support.Question) (bool, error) {
			<-ctx.Done()
			return false, ctx.Err()
		})
		defer silent()
		if _, err := hubtest.Call(t.Context(), agent, support.AskCustomer, asking); err == nil || !strings.Contains(err.Error(), "The customer does not answer.") {
			t.Errorf("of a silent customer the agent hears %v", err)
		}
	})
}

func TestAnnounce_comesFromOutside(t *testing.T) {
	desk := support.New(new(kept))
	h := hubtest.New(t, desk)
	c := h.Connect(bob)
	h.Settle() // it has joined the lobby
	a := support.Announcer{Desk: desk}
	if err := a.Announce(t.Context(), "lobby", "We close at five."); err != nil {
		t.Fatal(err)
	}
	want := support.Said{Room: "lobby", From: "desk", Text: "We close at five."}
	if got := hubtest.Await(t, c, support.Message); got != want {
		t.Errorf("it hears %v", got)
	}
}

type oneSession struct{}

func (oneSession) Find(token string) (user, name string, roles []string, ends time.Time, ok bool) {
	return "ann", "Ann", []string{"agent"}, time.UnixMilli(5), token == "right"
}

func TestAuthenticate(t *testing.T) {
	for header, want := range map[string]struct {
		id  string
		bad bool
	}{"": {}, "Bearer right": {id: "ann"}, "Bearer wrong": {bad: true}} {
		r := httptest.NewRequest(http.MethodPost, "/hubs/support/negotiate", nil)
		r.Header.Set("Authorization", header)
		p, err := support.Authenticate(oneSession{})(r)
		if p.ID != want.id || (err != nil) != want.bad || p.ID != "" && p.Expires != 5 {
			t.Errorf("%q: %+v, %v", header, p, err)
		}
	}
	if err := support.New(new(kept)).Allows(hub.Principal{}); err == nil {
		t.Error("the hub takes who is not signed in")
	}
}
