package testhubs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"partline.dev/server/hub"
	"partline.dev/shared/testhub"
)

// testHub is the hub of package testhub.
type testHub struct {
	mux *hub.Mux

	mu    sync.Mutex     // protects following
	steps map[string]int // the last step of each connection
}

// New is the hub of [testhub.API].
func New() *hub.Mux {
	h := &testHub{mux: hub.New(testhub.API), steps: map[string]int{}}
	m := h.mux
	hub.Handle(m, testhub.EchoMethod, Echo)
	hub.Handle(m, testhub.NothingMethod, func(*hub.Context, testhub.None) (testhub.None, error) { return testhub.None{}, nil })
	hub.Handle(m, testhub.PushMethod, push)
	hub.Handle(m, testhub.ConnectionIDMethod, func(x *hub.Context, _ testhub.None) (string, error) { return x.ConnectionID(), nil })
	hub.Handle(m, testhub.ClaimMethod, claim)
	hub.Handle(m, testhub.AbortMethod, abort)
	hub.Handle(m, testhub.TellMethod, tell)
	hub.Handle(m, testhub.JoinMethod, func(x *hub.Context, n testhub.Name) (testhub.None, error) { return testhub.None{}, x.Join(n.Name) })
	hub.Handle(m, testhub.LeaveMethod, func(x *hub.Context, n testhub.Name) (testhub.None, error) { return testhub.None{}, x.Leave(n.Name) })
	hub.Handle(m, testhub.StepMethod, h.step)
	hub.Handle(m, testhub.AskMethod, ask)
	hub.Handle(m, testhub.TotalMethod, total)
	hub.Handle(m, testhub.FailMethod, func(_ *hub.Context, f testhub.Fail) (testhub.None, error) { return testhub.None{}, fail(f.How, f.Text) })
	hub.Handle(m, testhub.AdminMethod, admin, hub.Authorize(onlyAdmins))
	handleValues(m)
	h.handleStreams()
	m.OnDisconnect(h.forget)
	return m
}

// Echo answers with what it is told.
func Echo(_ *hub.Context, t testhub.Text) (string, error) { return t.Text, nil }

func push(x *hub.Context, t testhub.Text) (testhub.None, error) {
	return testhub.None{}, hub.Publish(x, x.Caller(), testhub.MessageEvent, t)
}

func abort(x *hub.Context, _ testhub.None) (testhub.None, error) {
	x.Abort()
	return testhub.None{}, nil
}

func tell(x *hub.Context, t testhub.Tell) (testhub.None, error) {
	first := ""
	if len(t.Names) > 0 {
		first = t.Names[0]
	}
	targets := map[string]func() hub.Target{
		"all":           x.All,
		"others":        x.Others,
		"caller":        x.Caller,
		"allExcept":     func() hub.Target { return x.AllExcept(t.Except...) },
		"client":        func() hub.Target { return x.Client(first) },
		"clients":       func() hub.Target { return x.Clients(t.Names...) },
		"group":         func() hub.Target { return x.Group(first) },
		"groups":        func() hub.Target { return x.Groups(t.Names...) },
		"groupExcept":   func() hub.Target { return x.GroupExcept(first, t.Except...) },
		"othersInGroup": func() hub.Target { return x.OthersInGroup(first) },
		"user":          func() hub.Target { return x.User(first) },
		"users":         func() hub.Target { return x.Users(t.Names...) },
	}
	target := targets[t.Whom]
	if target == nil {
		return testhub.None{}, hub.Errorf("nobody is called %q", t.Whom)
	}
	return testhub.None{}, hub.Publish(x, target(), testhub.MessageEvent, testhub.Text{Text: t.Text})
}

func (h *testHub) step(x *hub.Context, s testhub.Step) (int, error) {
	h.mu.Lock()
	last := h.steps[x.ConnectionID()]
	if s.N == last+1 {
		h.steps[x.ConnectionID()] = s.N
	}
	h.mu.Unlock()
	if s.N != last+1 {
		return 0, hub.Errorf("step %d comes after step %d", s.N, last)
	}
	return s.N, hub.Publish(x, x.Caller(), testhub.SteppedEvent, s)
}

func (h *testHub) forget(x *hub.Context, _ error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.steps, x.ConnectionID())
}

// askTimeout is how long a client may take to answer.
const askTimeout = 30 * time.Second

func ask(x *hub.Context, a testhub.Ask) (string, error) {
	target := x.Caller()
	if a.ConnectionID != "" {
		target = x.Client(a.ConnectionID)
	}
	timeout := askTimeout
	if a.Milliseconds > 0 {
		timeout = time.Duration(a.Milliseconds) * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(x, timeout)
	defer cancel()
	answer, err := hub.Invoke(ctx, target, testhub.AnswerQuery, testhub.Text{Text: a.Question})
	var said *hub.ClientError
	switch {
	case errors.As(err, &said):
		err = hub.Errorf("%s", said.Message)
	case errors.Is(err, hub.ErrUnknownConnection):
		err = hub.Errorf("no connection with that id")
	case errors.Is(err, hub.ErrClosed):
		err = hub.Errorf("the connection is closed")
	case errors.Is(err, context.DeadlineExceeded):
		err = hub.Errorf("no answer in time")
	}
	return answer, err
}

func total(x *hub.Context, _ testhub.None) (int, error) {
	numbers, err := hub.Invoke(x, x.Caller(), testhub.NumbersQuery, testhub.None{})
	sum := 0
	for _, n := range numbers {
		sum += n
	}
	return sum, err
}

// fail fails in the way that is asked for.
func fail(how, text string) error {
	switch how {
	case "public":
		return hub.Errorf("%s", text)
	case "panic":
		panic(text)
	}
	return errors.New(text)
}

func onlyAdmins(x *hub.Context) error {
	if !slices.Contains(x.Principal().Roles, adminRole) {
		return fmt.Errorf("%q is no admin", x.Principal().ID)
	}
	return nil
}

func admin(x *hub.Context, _ testhub.None) (string, error) {
	return "at your service, " + x.Principal().ID, nil
}
