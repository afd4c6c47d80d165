package testserver

import (
	"fmt"
	"strconv"
	"sync"

	"partline.dev/e2e/testhubs"
	"partline.dev/server/hub"
	"partline.dev/shared/testhub"
)

// newClassicHub is the hub for what only classic clients can do. It notes the lives
// of those who listen to it.
func newClassicHub(l *lives) *hub.Mux {
	m := hub.New(testhub.ClassicAPI)
	hub.Handle(m, testhub.AddOneMethod, func(_ *hub.Context, a testhub.AddOne) (string, error) {
		return fmt.Sprint(a.A), nil
	})
	hub.Handle(m, testhub.AddTwoMethod, func(_ *hub.Context, a testhub.AddTwo) (string, error) {
		return fmt.Sprintf("%d+%d", a.A, a.B), nil
	})
	hub.Handle(m, testhub.AddThreeMethod, func(_ *hub.Context, a testhub.AddThree) (string, error) {
		return fmt.Sprintf("%d+%d+%d", a.A, a.B, a.C), nil
	})
	hub.Handle(m, testhub.RememberMethod, remember)
	hub.Handle(m, testhub.WorkMethod, work)
	hub.Handle(m, testhub.RefuseMethod, func(_ *hub.Context, r testhub.Refusal) (testhub.None, error) {
		return testhub.None{}, &hub.Error{Message: r.Text, Data: testhub.Place{Name: r.Text, X: r.X}}
	})
	w := &waits{of: map[string]chan struct{}{}}
	hub.Handle(m, testhub.WaitMethod, w.wait)
	hub.Handle(m, testhub.EndWaitMethod, w.end)
	hub.Handle(m, testhub.SayItMethod, testhubs.Echo)
	hub.Handle(m, testhub.TellManyMethod, tellMany)
	hub.Handle(m, testhub.LivesOfMethod, func(_ *hub.Context, n testhub.Name) ([]string, error) {
		return l.soFar(n.Name), nil
	})
	m.OnConnect(func(x *hub.Context) error {
		l.add(x.ConnectionID(), "connected")
		return nil
	})
	m.OnReconnect(func(x *hub.Context) { l.add(x.ConnectionID(), "reconnected") })
	m.OnDisconnect(func(x *hub.Context, err error) {
		what := "disconnected"
		if err != nil {
			what += ": " + err.Error()
		}
		l.add(x.ConnectionID(), what)
	})
	return m
}

func remember(x *hub.Context, t testhub.Text) (string, error) {
	said, err := hub.State[string](x, "said")
	if err != nil {
		return "", err
	}
	times, err := hub.State[int](x, "times")
	if err != nil {
		return "", err
	}
	if err := hub.SetState(x, "said", t.Text); err != nil {
		return "", err
	}
	return said, hub.SetState(x, "times", times+1)
}

func work(x *hub.Context, s testhub.Steps) (string, error) {
	for i := range s.Steps {
		if err := hub.Report(x, i+1); err != nil {
			return "", err
		}
	}
	return fmt.Sprint(s.Steps, " done"), nil
}

func tellMany(x *hub.Context, s testhub.Steps) (testhub.None, error) {
	for i := range s.Steps {
		if err := hub.Publish(x, x.Caller(), testhub.ToldEvent, testhub.Text{Text: strconv.Itoa(i + 1)}); err != nil {
			return testhub.None{}, err
		}
	}
	return testhub.None{}, nil
}

// waits are calls that wait for others.
type waits struct {
	mu sync.Mutex // protects following
	of map[string]chan struct{}
}

func (w *waits) named(name string) chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.of[name] == nil {
		w.of[name] = make(chan struct{})
	}
	return w.of[name]
}

func (w *waits) wait(x *hub.Context, n testhub.Name) (string, error) {
	select {
	case <-w.named(n.Name):
		return n.Name, nil
	case <-x.Done():
		return "", x.Err()
	}
}

func (w *waits) end(_ *hub.Context, n testhub.Name) (testhub.None, error) {
	over := w.named(n.Name)
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case <-over:
	default:
		close(over)
	}
	return testhub.None{}, nil
}

func newOtherHub() *hub.Mux {
	m := hub.New(testhub.OtherAPI)
	hub.Handle(m, testhub.OtherEcho, testhubs.Echo)
	hub.Handle(m, testhub.OtherPush, func(x *hub.Context, t testhub.Text) (testhub.None, error) {
		return testhub.None{}, hub.Publish(x, x.All(), testhub.OtherMessage, t)
	})
	return m
}

func newVerbatimHub() *hub.Mux {
	m := hub.New(testhub.VerbatimAPI)
	hub.Handle(m, testhub.VerbatimEcho, testhubs.Echo)
	m.OnConnect(func(x *hub.Context) error {
		err := hub.Publish(x, x.Caller(), testhub.VerbatimGreeted, testhub.Text{Text: "1"})
		if err == nil {
			err = hub.Publish(x, x.Caller(), testhub.VerbatimGreeted, testhub.Text{Text: "2"})
		}
		return err
	})
	return m
}
