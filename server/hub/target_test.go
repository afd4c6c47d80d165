package hub_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/contract"
)

// TestTargets has five clients: ann twice, bob, and two visitors. Ann's first
// connection calls; each row says who hears it.
func TestTargets(t *testing.T) {
	type ids []string
	rows := []struct {
		name   string
		target func(x *hub.Context, id ids) hub.Target
		hear   string // places of the clients that hear it, once each
	}{
		{"All", func(x *hub.Context, _ ids) hub.Target { return x.All() }, "01234"},
		{"AllExcept", func(x *hub.Context, id ids) hub.Target { return x.AllExcept(id[1], id[4]) }, "023"},
		{"Others", func(x *hub.Context, _ ids) hub.Target { return x.Others() }, "1234"},
		{"Caller", func(x *hub.Context, _ ids) hub.Target { return x.Caller() }, "0"},
		{"Client", func(x *hub.Context, id ids) hub.Target { return x.Client(id[3]) }, "3"},
		{"Client unknown", func(x *hub.Context, _ ids) hub.Target { return x.Client("nobody") }, ""},
		{"Clients", func(x *hub.Context, id ids) hub.Target { return x.Clients(id[3], id[0], id[3]) }, "03"},
		{"Clients none", func(x *hub.Context, _ ids) hub.Target { return x.Clients() }, ""},
		{"Group", func(x *hub.Context, _ ids) hub.Target { return x.Group("red") }, "02"},
		{"Group empty", func(x *hub.Context, _ ids) hub.Target { return x.Group("green") }, ""},
		{"Groups", func(x *hub.Context, _ ids) hub.Target { return x.Groups("red", "blue", "green") }, "0234"},
		{"GroupExcept", func(x *hub.Context, id ids) hub.Target { return x.GroupExcept("red", id[2]) }, "0"},
		{"OthersInGroup", func(x *hub.Context, _ ids) hub.Target { return x.OthersInGroup("red") }, "2"},
		{"User", func(x *hub.Context, _ ids) hub.Target { return x.User("ann") }, "01"},
		{"User unknown", func(x *hub.Context, _ ids) hub.Target { return x.User("cid") }, ""},
		{"Users", func(x *hub.Context, _ ids) hub.Target { return x.Users("ann", "bob", "ann") }, "012"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var id ids
			m := talk(func(x *hub.Context) error {
				return hub.Publish(x, row.target(x, id), heardEvent, say{row.name})
			})
			h := hubtest.New(t, m)
			var clients []*hubtest.Client
			for _, user := range []string{"ann", "ann", "bob", "", ""} {
				c := h.Connect(hub.Principal{ID: user})
				clients, id = append(clients, c), append(id, c.ID())
			}
			for group, members := range map[string][]int{"red": {0, 2}, "blue": {2, 3, 4}} {
				for _, i := range members {
					if err := m.Join(id[i], group); err != nil {
						t.Fatal(err)
					}
				}
			}
			if _, err := hubtest.Call(t.Context(), clients[0], runMethod, contract.None{}); err != nil {
				t.Fatal(err)
			}
			var hear strings.Builder
			for i, c := range clients {
				for range hubtest.Heard(t, c, heardEvent) {
					fmt.Fprint(&hear, i)
				}
			}
			if hear.String() != row.hear {
				t.Errorf("heard by %q, want %q", hear.String(), row.hear)
			}
		})
	}
}

func TestPublish_fromOutsideACall(t *testing.T) {
	m := talk(nil)
	if err := hub.Publish(t.Context(), m.All(), heardEvent, say{"early"}); !errors.Is(err, hub.ErrNotMounted) {
		t.Errorf("before Mount: %v, want ErrNotMounted", err)
	}
	h := hubtest.New(t, m)
	a, b := h.Connect(hub.Principal{}), h.Connect(hub.Principal{})
	if err := hub.Publish(t.Context(), m.AllExcept(a.ID()), heardEvent, say{"news"}); err != nil {
		t.Fatal(err)
	}
	if got := hubtest.Await(t, b, heardEvent); got.Text != "news" {
		t.Errorf("heard %q", got.Text)
	}
	if got := hubtest.Heard(t, a, heardEvent); len(got) != 0 {
		t.Errorf("the one left out heard %v", got)
	}
}

func TestPublish_refuses(t *testing.T) {
	m := talk(nil)
	h := hubtest.New(t, m)
	c := h.Connect(hub.Principal{})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	rows := []struct {
		name string
		err  error
		do   func() error
	}{
		{"an event of another hub", hub.ErrForeign, func() error {
			return hub.Publish(t.Context(), m.All(), foreignSaid, say{"x"})
		}},
		{"a group without a name", contract.ErrName, func() error {
			return hub.Publish(t.Context(), m.Group(""), heardEvent, say{"x"})
		}},
		{"a group with a control character", contract.ErrName, func() error {
			return hub.Publish(t.Context(), m.Groups("ok", "a\nb"), heardEvent, say{"x"})
		}},
		{"a user with a name too long", contract.ErrName, func() error {
			return hub.Publish(t.Context(), m.User(strings.Repeat("u", 256)), heardEvent, say{"x"})
		}},
		{"an ended context", context.Canceled, func() error {
			return hub.Publish(ended, m.All(), heardEvent, say{"x"})
		}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if err := row.do(); !errors.Is(err, row.err) {
				t.Errorf("got %v, want %v", err, row.err)
			}
		})
	}
	t.Run("text that is not UTF-8", func(t *testing.T) {
		if err := hub.Publish(t.Context(), m.All(), heardEvent, say{"\xff"}); err == nil {
			t.Error("no error")
		}
	})
	if got := hubtest.Heard(t, c, heardEvent); len(got) != 0 {
		t.Errorf("something refused was heard: %v", got)
	}
}

func TestGroups_limitAndNames(t *testing.T) {
	m := talk(nil)
	h := hubtest.New(t, m)
	c := h.Connect(hub.Principal{})
	for i := range 1000 {
		if err := m.Join(c.ID(), fmt.Sprint("g", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Join(c.ID(), "g7"); err != nil {
		t.Errorf("joining twice: %v", err)
	}
	if err := m.Join(c.ID(), "one more"); !errors.Is(err, hub.ErrTooManyGroups) {
		t.Errorf("the 1,001st: %v", err)
	}
	if err := m.Leave(c.ID(), "g7"); err != nil {
		t.Error(err)
	}
	if err := m.Join(c.ID(), "one more"); err != nil {
		t.Errorf("after leaving one: %v", err)
	}
	if err := m.Join(c.ID(), strings.Repeat("n", 256)); !errors.Is(err, contract.ErrName) {
		t.Errorf("long name: %v", err)
	}
	if err := m.Join("nobody", "g"); !errors.Is(err, hub.ErrUnknownConnection) {
		t.Errorf("unknown connection: %v", err)
	}
	if got := h.Core().Stats().Rooms; got != 1002 {
		t.Errorf("%d rooms, want everybody's, the tenant's and 1,000 groups", got)
	}
	c.Close()
	if got := h.Core().Stats().Rooms; got != 0 {
		t.Errorf("%d rooms after the last member left, want 0", got)
	}
}
