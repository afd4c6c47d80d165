package hub_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/contract"
)

// mix is what the declared method takes and the declared event says, as a struct
// of Go, for the client in memory.
type mix struct {
	Text   string
	Number float64
	Count  int64
	Loud   bool
	Any    contract.RawJSON
}

var mixed = []contract.Argument{
	{Name: "text", Type: reflect.TypeFor[string]()},
	{Name: "number", Type: reflect.TypeFor[float64]()},
	{Name: "count", Type: reflect.TypeFor[int64]()},
	{Name: "loud", Type: reflect.TypeFor[bool]()},
	{Name: "any", Type: reflect.TypeFor[contract.RawJSON]()},
}

// declared is a hub whose method Say passes on to publish what it is called with.
type declared struct {
	mux  *hub.Mux
	said contract.Declared
}

// The same hub as its clients in Go have it.
var (
	declaredHub = contract.NewHub("declared")
	sayMixed    = contract.NewMethod[mix, int64](declaredHub, "Say")
	saidMixed   = contract.NewEvent[mix](declaredHub, "said")
)

func newDeclared(t *testing.T, f func(x *hub.Context, said contract.Declared, arguments []any) (any, error)) declared {
	t.Helper()
	h, err := contract.DeclareHub("declared")
	if err != nil {
		t.Fatal(err)
	}
	say, err := contract.DeclareMethod(h, "Say", reflect.TypeFor[int64](), mixed)
	if err != nil {
		t.Fatal(err)
	}
	said, err := contract.DeclareEvent(h, "said", mixed)
	if err != nil {
		t.Fatal(err)
	}
	m := hub.New(contract.NewAPI(h, say, said))
	hub.HandleDeclared(m, say, func(x *hub.Context, arguments []any) (any, error) { return f(x, said, arguments) })
	return declared{m, said}
}

func TestDeclared_passesOnWhatItIsGiven(t *testing.T) {
	d := newDeclared(t, func(x *hub.Context, said contract.Declared, arguments []any) (any, error) {
		if reflect.TypeOf(x.Request()) != reflect.PointerTo(x.Method().Request()) {
			t.Errorf("the request is a %T", x.Request())
		}
		return int64(len(arguments)), hub.PublishDeclared(x, x.All(), said, arguments...)
	})
	h := hubtest.New(t, d.mux)
	c := h.Connect(hub.Principal{})
	want := mix{"hello", 0.5, 1 << 60, true, contract.RawJSON(`{"a":[1]}`)}
	n, err := hubtest.Call(t.Context(), c, sayMixed, want)
	if n != 5 || err != nil {
		t.Errorf("answered %d, %v", n, err)
	}
	if got := hubtest.Await(t, c, saidMixed); !reflect.DeepEqual(got, want) {
		t.Errorf("heard %+v", got)
	}
}

func TestPublishDeclared_refuses(t *testing.T) {
	d := newDeclared(t, nil)
	other := newDeclared(t, nil)
	values := []any{"a", 1.0, int64(1), true, contract.RawJSON("null")}
	if err := hub.PublishDeclared(t.Context(), d.mux.All(), d.said, values...); !errors.Is(err, hub.ErrNotMounted) {
		t.Errorf("before it is mounted: %v", err)
	}
	hubtest.New(t, d.mux)
	ended, end := context.WithCancel(t.Context())
	end()
	short, wrong := values[:4], append([]any{1}, values[1:]...)
	null := append([]any{nil}, values[1:]...)
	for _, c := range []struct {
		name   string
		ctx    context.Context
		to     hub.Target
		event  contract.Declared
		values []any
		want   error
	}{
		{"what is right", t.Context(), d.mux.All(), d.said, values, nil},
		{"too few", t.Context(), d.mux.All(), d.said, short, hub.ErrArguments},
		{"another type", t.Context(), d.mux.All(), d.said, wrong, hub.ErrArguments},
		{"nil", t.Context(), d.mux.All(), d.said, null, hub.ErrArguments},
		{"an event of another hub", t.Context(), d.mux.All(), other.said, values, hub.ErrForeign},
		{"the zero event", t.Context(), d.mux.All(), contract.Declared{}, nil, hub.ErrForeign},
		{"a group that cannot be", t.Context(), d.mux.Group(""), d.said, values, contract.ErrName},
		{"a context that ended", ended, d.mux.All(), d.said, values, context.Canceled},
	} {
		if err := hub.PublishDeclared(c.ctx, c.to, c.event, c.values...); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestHandleDeclared_resultOfAnotherType(t *testing.T) {
	d := newDeclared(t, func(*hub.Context, contract.Declared, []any) (any, error) { return "five", nil })
	h := hubtest.New(t, d.mux)
	if n, err := hubtest.Call(t.Context(), h.Connect(hub.Principal{}), sayMixed, mix{}); err == nil {
		t.Errorf("answered %d", n)
	}
}
