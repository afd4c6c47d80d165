package hub_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// admins lets those call who are admins.
func admins(x *hub.Context) error {
	if x.Principal().Name != "admin" {
		return errors.New("not an admin")
	}
	return nil
}

func TestAuthorize_method(t *testing.T) {
	var filtered, ran int
	m := hub.New(talkAPI)
	hub.Handle(m, sayMethod, func(*hub.Context, say) (contract.None, error) { ran++; return contract.None{}, nil },
		hub.Authorize(func(x *hub.Context) error {
			if x.Method() == nil || x.Method().Name() != "Say" || x.Request() != nil {
				t.Errorf("asked about %v with %v", x.Method(), x.Request())
			}
			return nil
		}), hub.Authorize(admins))
	hub.Handle(m, addMethod, func(*hub.Context, add) (sum, error) { return sum{}, nil },
		hub.Authorize(func(*hub.Context) error { panic("secret") }))
	hub.Handle(m, add3Method, func(*hub.Context, add3) (sum, error) { return sum{}, nil })
	hub.Handle(m, runMethod, func(*hub.Context, contract.None) (contract.None, error) { return contract.None{}, nil })
	m.Use(hub.Filter{Invoke: func(_ *hub.Context, next func() (any, error)) (any, error) { filtered++; return next() }})
	h := hubtest.New(t, m)
	admin, guest := h.Connect(hub.Principal{Name: "admin"}), h.Connect(hub.Principal{})
	if _, err := hubtest.Call(t.Context(), admin, sayMethod, say{"x"}); err != nil {
		t.Error(err)
	}
	if _, err := hubtest.Call(t.Context(), guest, sayMethod, say{"x"}); err == nil || err.Error() != "Failed to invoke 'Say' because user is unauthorized" {
		t.Errorf("a guest: %v", err)
	}
	if err := hubtest.Send(guest, sayMethod, say{"x"}); err != nil {
		t.Error(err)
	}
	if _, err := hubtest.Call(t.Context(), admin, addMethod, add{1, 1}); err == nil || err.Error() != "Failed to invoke 'Add' because user is unauthorized" {
		t.Errorf("a panic: %v", err)
	}
	if _, err := hubtest.Call(t.Context(), guest, add3Method, add3{1, 1, 1}); err != nil {
		t.Errorf("the overload that anybody may call: %v", err)
	}
	h.Settle()
	if ran != 1 || filtered != 2 {
		t.Errorf("Say ran %d times, filters %d times", ran, filtered)
	}
}

func TestAuthorize_comesBeforeArgumentsAreRead(t *testing.T) {
	m := flow{}.mux(hub.Authorize(admins))
	flows(t, m, &hub.Options{DetailedErrors: true}, func(t *testing.T, p *peer, _ func(string) *peer, _ *hub.Core) {
		p.say(t, stream("1", ""))
		p.expect(t, failed("1", "Failed to invoke 'Count' because user is unauthorized"))
		p.say(t, addUpCall("s"), item("s", 1))
		p.expect(t, failed("1", "Failed to invoke 'AddUp' because user is unauthorized"))
		p.say(t, completion("s", "")) // nothing
		p.expect(t)
	})
}

// A client may try as often as it likes, and must not fill a disk with that.
func TestAuthorize_refusalsAreToldAtDebug(t *testing.T) {
	var log bytes.Buffer
	m := flow{}.mux(hub.Authorize(admins))
	flows(t, m, &hub.Options{Log: slog.New(slog.NewTextHandler(&log, nil))}, func(t *testing.T, p *peer, _ func(string) *peer, _ *hub.Core) {
		p.say(t, stream("1", ""))
		p.expect(t, failed("1", "Failed to invoke 'Count' because user is unauthorized"))
	})
	if log.Len() > 0 {
		t.Errorf("the log says %q", log.String())
	}
}

func TestAuthorize_hub(t *testing.T) {
	m := talk(nil)
	no := errors.New("members only")
	m.Authorize(func(p hub.Principal) error {
		if p.ID == "" {
			return no
		}
		return nil
	})
	core := hubtest.New(t, m).Core()
	if err := m.Allows(hub.Principal{ID: "ann"}); err != nil {
		t.Error(err)
	}
	if err := m.Allows(hub.Principal{Name: "Ann"}); !errors.Is(err, no) {
		t.Errorf("an anonymous visitor: %v", err)
	}
	_, err := core.Open(hub.OpenOptions{Hub: "talk", ID: "x", Codec: wire.JSON, Sink: &peer{}})
	if !errors.Is(err, hub.ErrUnauthorized) || !strings.Contains(err.Error(), "members only") {
		t.Errorf("Open: %v", err)
	}
	if n := core.Stats().Connections; n != 0 {
		t.Errorf("%d connections", n)
	}
}
