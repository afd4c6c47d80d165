package room_test

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"partline.dev/server/edge/room"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// The hub that askers are connected to.
var (
	askerHub   = contract.NewHub("asker")
	holdMethod = contract.NewMethod[contract.None, contract.None](askerHub, "Hold") // is answered when the test says so
	echoMethod = contract.NewMethod[echo, access.EnterRequest](askerHub, "Echo")
	askerAPI   = contract.NewAPI(askerHub, holdMethod, echoMethod)
)

type echo struct{ Where access.Where }

var encodings = map[wire.Codec]*hub.Encoding{wire.JSON: hub.NewEncoding(wire.JSON, nil), wire.MessagePack: hub.NewEncoding(wire.MessagePack, nil)}

// asker is a connection of a real core, and what is read along.
type asker struct {
	t       *testing.T
	codec   wire.Codec
	mux     *hub.Mux
	core    *hub.Core
	conn    *hub.Conn
	asked   room.Asked
	where   access.Where // as it was decided last
	release chan struct{}
	tasks   sync.WaitGroup
}

func (a *asker) Send(e *hub.Event) error {
	message, err := e.Bytes(encodings[a.codec])
	if err != nil {
		return err
	}
	a.asked.Answered(a.codec, message)
	return nil
}

func (a *asker) Room() <-chan struct{} { return nil }

func (a *asker) Close(hub.CloseReason) {}

// newAsker connects ann, who may be in two places and not in the world, and may have
// so many connections; 0: any number.
func newAsker(t *testing.T, codec wire.Codec, most int) *asker {
	t.Helper()
	a := &asker{t: t, codec: codec, mux: hub.New(askerAPI), release: make(chan struct{})}
	hub.Handle(a.mux, holdMethod, func(*hub.Context, contract.None) (contract.None, error) {
		<-a.release
		return contract.None{}, nil
	})
	hub.Handle(a.mux, echoMethod, func(_ *hub.Context, e echo) (access.EnterRequest, error) { return access.EnterRequest(e), nil })
	rules := &hub.Rules{Scopes: contract.ScopesOf(contract.AllScopes[:5]...), Speaks: contract.ScopesOf(contract.AllScopes[:5]...), Connections: most}
	a.core = hub.NewCore(hub.Env{
		Now:   func() int64 { return time.Now().UnixMilli() },
		After: func(int64, func()) func() bool { return func() bool { return true } },
		Go:    a.tasks.Go,
	}, &hub.Options{Rules: func(hub.Principal, string) *hub.Rules { return rules }, QueueLimit: 1 << 20})
	if err := a.core.Mount(a.mux); err != nil {
		t.Fatal(err)
	}
	conn, err := a.core.Open(hub.OpenOptions{
		Hub: "asker", ID: "ann's", Codec: codec, Sink: a, Quiet: true,
		Principal: hub.Principal{Tenant: "contoso", ID: "ann", Places: []string{"lobby", "a/b"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	a.conn = conn
	t.Cleanup(func() {
		a.core.Close()
		a.tasks.Wait()
	})
	return a
}

// send gives the room and the core what the client sends.
func (a *asker) send(data []byte) {
	a.t.Helper()
	a.asked.See(a.codec, data)
	if _, err := a.conn.Receive(data); err != nil {
		a.t.Fatal(err)
	}
}

// call is a framed call of target.
func (a *asker) call(id, target string, w access.Where) []byte {
	a.t.Helper()
	list, err := wire.ArgumentsOf(access.Enter.Descriptor())
	if err != nil {
		a.t.Fatal(err)
	}
	m := wire.Message{Kind: wire.Invocation, Target: []byte(target)}
	if id != "" {
		m.InvocationID = []byte(id)
	}
	if m.Arguments, err = a.codec.AppendArguments(nil, list, reflect.ValueOf(access.EnterRequest{Where: w})); err != nil {
		a.t.Fatal(err)
	}
	return a.codec.Append(nil, &m)
}

// hold is a framed call that runs until release is closed.
func (a *asker) hold() []byte {
	return a.codec.Append(nil, &wire.Message{Kind: wire.Invocation, Target: []byte("hold")})
}

// decide asks where the connection is.
func (a *asker) decide() (moved bool, err error) {
	w, moved, err := a.asked.Decide(a.conn.Access(), func(w access.Where) (access.Access, error) {
		return a.core.Access("asker", a.conn.Principal(), w)
	})
	if moved {
		a.where = w
	}
	return moved, err
}

// isAt tells whether the connection is where w leads.
func (a *asker) isAt(w access.Where) bool {
	in, id := a.mux.In("contoso"), ""
	switch w.Scope {
	case contract.ScopePage:
		id = w.Page
	case contract.ScopeSession:
		if id = w.Session; id == "" {
			id = w.Page
		}
	case contract.ScopeUser:
		id = "ann"
	case contract.ScopePlace:
		id = w.Place
	}
	target := in.InScope(w.Scope, id)
	if w.Scope == contract.ScopeTenant {
		target = in.InScope(w.Scope, "")
	}
	list, _ := a.mux.Connections("contoso", &target, 10, "")
	return slices.ContainsFunc(list, func(p hub.Present) bool { return p.ConnectionID == "ann's" })
}

// idOf is an id of a page or session.
func idOf(letter string) string { return strings.Repeat(letter, 21) + "A" }

func inBoth(t *testing.T, f func(t *testing.T, codec wire.Codec)) {
	for _, codec := range []wire.Codec{wire.JSON, wire.MessagePack} {
		t.Run(codec.Name(), func(t *testing.T) { f(t, codec) })
	}
}
