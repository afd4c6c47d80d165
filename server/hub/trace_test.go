package hub_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"partline.dev/server/hub"
	"partline.dev/shared/wire"
)

type traceKey struct{}

func TestTrace_everyOperation(t *testing.T) {
	var mu sync.Mutex
	var got []string
	note := func(format string, a ...any) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, fmt.Sprintf(format, a...))
	}
	m := flow{
		wait: func(x *hub.Context) error {
			if x.Value(traceKey{}) != "Wait" {
				t.Errorf("the handler's context has %v", x.Value(traceKey{}))
			}
			return errDisk
		},
	}.mux()
	m.OnConnect(func(x *hub.Context) error { return hub.Publish(x, x.Others(), flowEvent, say{"hello"}) })
	m.OnDisconnect(func(*hub.Context, error) {})
	o := &hub.Options{Trace: func(ctx context.Context, o hub.Operation) (context.Context, func(error)) {
		name := fmt.Sprint(o.Kind, " ", o.Hub, " ", o.Method, " ", o.Connection, " in ", ctx.Value(traceKey{}))
		note("%s", name)
		return context.WithValue(ctx, traceKey{}, o.Method), func(err error) { note("%s: %v", name, err) }
	}}
	bubble(t, m, o, func(t *testing.T, _ func(string) *peer, core *hub.Core) {
		got = nil
		p := &peer{}
		conn, err := core.Open(hub.OpenOptions{Hub: "talk", ID: "p", Codec: wire.JSON, Sink: p,
			Context: context.WithValue(ended(t), traceKey{}, "link")})
		if err != nil {
			t.Fatal(err)
		}
		p.conn = conn
		synctest.Wait()
		p.say(t, `{"type":1,"target":"wait","arguments":[]}`)
		p.say(t, stream("1", `1,"plain"`))
		p.say(t, stream("1", `1,"refuse"`))
		p.say(t, stream("1", `1,"nil"`))
		p.say(t, addUpCall("s"), completion("s", ""))
		p.say(t, ask)
		p.say(t, completion("s1", `"result":"ann"`))
		p.say(t, `{"type":1,"target":"nobody","arguments":[]}`)
		p.conn.LinkClosed(errors.New("lost"))
		synctest.Wait()
	})
	var want []string
	for _, o := range []struct{ name, err string }{
		{"1 talk  p in link", ""},
		{"5 talk heard  in ", "<nil>"},
		{"", "<nil>"},
		{"3 talk Wait p in link", "the disk is full"},
		{"4 talk Count p in link", "the disk is full"},
		{"4 talk Count p in link", "not today"},
		{"4 talk Count p in link", "not a stream of the declared items"},
		{"3 talk AddUp p in link", "<nil>"},
		{"3 talk Ask p in link", ""},
		{"6 talk name p in Ask", "<nil>"},
		{"", "<nil>"},
		{"2 talk  p in link", "<nil>"},
	} {
		switch {
		case o.name == "": // the end of the one around
			want = append(want, want[len(want)-3]+": "+o.err)
		case o.err == "":
			want = append(want, o.name)
		default:
			want = append(want, o.name, o.name+": "+o.err)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
