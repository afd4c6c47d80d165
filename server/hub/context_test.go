package hub_test

import (
	"context"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/shared/wire"
)

type requestKey struct{}

// A handler learns how its caller is connected, and what the program that serves
// the hub has noted about the request that opened the connection.
func TestContext_whereTheCallerComesFrom(t *testing.T) {
	var got [2]any
	f := flow{wait: func(x *hub.Context) error {
		got = [2]any{x.Transport(), x.Value(requestKey{})}
		return x.Err()
	}}
	bubble(t, f.mux(), nil, func(t *testing.T, _ func(string) *peer, core *hub.Core) {
		p := &peer{}
		conn, err := core.Open(hub.OpenOptions{Hub: "talk", ID: "p", Codec: wire.JSON, Sink: p,
			Transport: "LongPolling", Context: context.WithValue(ended(t), requestKey{}, "a cookie")})
		if err != nil {
			t.Fatal(err)
		}
		p.conn = conn
		p.say(t, `{"type":1,"invocationId":"1","target":"wait","arguments":[]}`)
		p.expect(t, completion("1", `"result":null`))
		if want := [2]any{"LongPolling", "a cookie"}; got != want {
			t.Errorf("the handler finds %v, want %v", got, want)
		}
	})
}
