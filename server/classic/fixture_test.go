package classic_test

import (
	"context"
	"testing"
	"time"

	"partline.dev/server/classic"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
	"partline.dev/shared/contract"
)

// The hubs of these tests.
var (
	chatHub  = contract.NewHub("chat", contract.ClassicName("chatHub"))
	otherHub = contract.NewHub("other", contract.ClassicName("otherHub"))
	vipHub   = contract.NewHub("vip")
)

type (
	line struct{ Name, Message string }
	room struct{ Room string }
	one  struct{ A int }
	two  struct{ A, B int }
)

var (
	sendMethod    = contract.NewMethod[line, contract.None](chatHub, "Send")
	echoMethod    = contract.NewMethod[line, line](chatHub, "Echo")
	addOne        = contract.NewMethod[one, int](chatHub, "Add", contract.Overload())
	addTwo        = contract.NewMethod[two, int](chatHub, "Add", contract.Overload())
	joinMethod    = contract.NewMethod[room, contract.None](chatHub, "Join")
	tellMethod    = contract.NewMethod[room, contract.None](chatHub, "Tell")
	refuseMethod  = contract.NewMethod[contract.None, contract.None](chatHub, "Refuse")
	failMethod    = contract.NewMethod[contract.None, contract.None](chatHub, "Fail")
	countMethod   = contract.NewMethod[contract.None, int](chatHub, "Count")
	stepMethod    = contract.NewMethod[one, string](chatHub, "Step", contract.WithProgress[int]())
	onlyVIP       = contract.NewMethod[contract.None, contract.None](chatHub, "OnlyVIP")
	leaveMethod   = contract.NewMethod[contract.None, contract.None](chatHub, "Leave")
	lineEvent     = contract.NewEvent[line](chatHub, "broadcastMessage")
	chatAPI       = contract.NewAPI(chatHub, sendMethod, echoMethod, addOne, addTwo, joinMethod, tellMethod, refuseMethod, failMethod, countMethod, stepMethod, onlyVIP, leaveMethod, lineEvent)
	otherSend     = contract.NewMethod[line, contract.None](otherHub, "Send")
	otherEvent    = contract.NewEvent[line](otherHub, "said")
	otherAPI      = contract.NewAPI(otherHub, otherSend, otherEvent)
	vipMethod     = contract.NewMethod[contract.None, contract.None](vipHub, "Enter")
	vipAPI        = contract.NewAPI(vipHub, vipMethod)
	errNotAllowed = hub.Errorf("not for you")
)

// newChat is the chat's hub.
func newChat() *hub.Mux {
	m := hub.New(chatAPI)
	hub.Handle(m, sendMethod, func(x *hub.Context, l line) (contract.None, error) {
		return contract.None{}, hub.Publish(x, x.All(), lineEvent, l)
	})
	hub.Handle(m, echoMethod, func(_ *hub.Context, l line) (line, error) { return l, nil })
	hub.Handle(m, addOne, func(_ *hub.Context, n one) (int, error) { return n.A, nil })
	hub.Handle(m, addTwo, func(_ *hub.Context, n two) (int, error) { return n.A + n.B, nil })
	hub.Handle(m, joinMethod, func(x *hub.Context, r room) (contract.None, error) {
		return contract.None{}, x.Join(r.Room)
	})
	hub.Handle(m, tellMethod, func(x *hub.Context, r room) (contract.None, error) {
		return contract.None{}, hub.Publish(x, x.Group(r.Room), lineEvent, line{Name: r.Room})
	})
	hub.Handle(m, refuseMethod, func(*hub.Context, contract.None) (contract.None, error) {
		return contract.None{}, &hub.Error{Message: "No.", Data: one{A: 7}}
	})
	hub.Handle(m, failMethod, func(*hub.Context, contract.None) (contract.None, error) {
		return contract.None{}, context.DeadlineExceeded
	})
	hub.Handle(m, countMethod, func(x *hub.Context, _ contract.None) (int, error) {
		n, err := hub.State[int](x, "count")
		if err != nil {
			return 0, err
		}
		return n + 1, hub.SetState(x, "count", n+1)
	})
	hub.Handle(m, stepMethod, func(x *hub.Context, n one) (string, error) {
		for i := range n.A {
			if err := hub.Report(x, i+1); err != nil {
				return "", err
			}
		}
		return "done", nil
	})
	hub.Handle(m, leaveMethod, func(x *hub.Context, _ contract.None) (contract.None, error) {
		x.Abort()
		return contract.None{}, nil
	})
	hub.Handle(m, onlyVIP, func(*hub.Context, contract.None) (contract.None, error) { return contract.None{}, nil },
		hub.Authorize(func(*hub.Context) error { return errNotAllowed }))
	return m
}

func newOther() *hub.Mux {
	m := hub.New(otherAPI)
	hub.Handle(m, otherSend, func(x *hub.Context, l line) (contract.None, error) {
		return contract.None{}, hub.Publish(x, x.All(), otherEvent, l)
	})
	return m
}

// newVIP is a hub for vip alone.
func newVIP() *hub.Mux {
	m := hub.New(vipAPI)
	m.Authorize(func(p hub.Principal) error {
		if p.ID != "vip" {
			return hub.ErrUnauthorized
		}
		return nil
	})
	hub.Handle(m, vipMethod, func(*hub.Context, contract.None) (contract.None, error) { return contract.None{}, nil })
	return m
}

// newHost is a host that ends with the test, and its core.
func newHost(t testing.TB, o *transport.Options, hubs ...*hub.Mux) (*transport.Host, *hub.Core) {
	t.Helper()
	host := transport.NewHost(o)
	core := hub.NewCore(host.Env(), &hub.Options{DrainSpread: 1, Recent: hub.RecentOptions{Encoding: classic.Encoding}})
	host.Adopt(core)
	for _, m := range hubs {
		if err := core.Mount(m); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := host.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
	})
	return host, core
}

// newHandler is a handler of the chat and the others at /signalr.
func newHandler(t testing.TB, o classic.Options) *classic.Handler {
	t.Helper()
	hubs := []*hub.Mux{newChat(), newOther(), newVIP()}
	host, core := newHost(t, nil, hubs...)
	if o.Path == "" {
		o.Path = "/signalr"
	}
	o.Hubs = hubs
	return classic.New(host, core, o)
}
