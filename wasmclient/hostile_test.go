package client_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"partline.dev/shared/connected"
	client "partline.dev/wasmclient"
)

// TestHostileHub sends what a hub must not, or need not, send. The connection
// either goes on or ends with a reason; what follows is heard or not, and the
// client lives.
func TestHostileHub(t *testing.T) {
	for _, c := range []struct{ name, sent, ends string }{
		{"garbage", "garbage\x1e", "broke the protocol"},
		{"nothing", "\x1e", "broke the protocol"},
		{"an array", "[1,2]\x1e", "broke the protocol"},
		{"no type", "{}\x1e", "broke the protocol"},
		{"text after the message", `{"type":6}{"type":6}` + "\x1e", "broke the protocol"},
		{"invalid UTF-8", `{"type":1,"target":"x","arguments":["` + "\xff" + `"]}` + "\x1e", "UTF-8"},
		{"half a surrogate pair", `{"type":1,"target":"x","arguments":["\ud800"]}` + "\x1e", "UTF-8"},
		{"a separator inside a string", `{"type":1,"target":"x","arguments":["` + "\x1e" + `"]}` + "\x1e", "broke the protocol"},
		{"10,000 levels", `{"type":1,"target":"x","arguments":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + "}\x1e", "64 levels"},
		{"arguments that are no array", `{"type":1,"target":"x","arguments":{}}` + "\x1e", "not an array"},
		{"no target", `{"type":1,"arguments":[]}` + "\x1e", "no target"},
		{"a completion with result and error", `{"type":3,"invocationId":"1","result":1,"error":"x"}` + "\x1e", "a result and an error"},
		{"a completion of nothing", `{"type":3}` + "\x1e", "no invocationId"},
		{"a message over the limit", `{"type":1,"target":"x","arguments":["` + strings.Repeat("x", 2000) + `"]}` + "\x1e", "too large"},
		{"a message without end", strings.Repeat("x", 2000), "too large"},

		{"an unknown type", `{"type":99,"anything":{}}` + "\x1e", ""},
		{"unknown members", `{"type":6,"new":[1,{"a":null}]}` + "\x1e", ""},
		{"an answer to no call", `{"type":3,"invocationId":"77","result":1}` + "\x1e", ""},
		{"an item of no stream", `{"type":2,"invocationId":"77","item":1}` + "\x1e", ""},
		{"a cancellation", `{"type":5,"invocationId":"77"}` + "\x1e", ""},
		{"a stream invocation", `{"type":4,"invocationId":"77","target":"x","arguments":[]}` + "\x1e", ""},
		{"acknowledgements", `{"type":8,"sequenceId":7}` + "\x1e" + `{"type":9,"sequenceId":7}` + "\x1e", ""},
		{"a name that is not one", `{"type":1,"target":"__proto__","arguments":[]}` + "\x1e", ""},
		{"many pings", strings.Repeat(`{"type":6}`+"\x1e", 10_000), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := client.Options{ReceiveLimit: 1500}
				if c.name == "10,000 levels" {
					o.ReceiveLimit = 100_000
				}
				logs(&o)
				hub := newFakeHub(t)
				cl := hub.newClient(&o)
				var heard []string
				client.On(cl, connected.BroadcastMessage, func(b connected.Broadcast) { heard = append(heard, b.Message) })
				s := watch(t, cl)
				run(t, cl)
				conn := hub.accept()
				s.await(t, client.Connected)
				conn.trySend(c.sent)
				synctest.Wait()
				if c.ends == "" {
					conn.sendEvent("a", "after it")
					synctest.Wait()
					if len(heard) != 1 || conn.isClosed() {
						t.Errorf("heard %q; closed: %v", heard, conn.isClosed())
					}
					return
				}
				now := s.await(t, client.Reconnecting)
				if !says(now.Err, c.ends) || !conn.isClosed() {
					t.Errorf("%+v; closed: %v", now, conn.isClosed())
				}
				hub.accept().sendEvent("a", "on the next")
				synctest.Wait()
				if len(heard) != 1 {
					t.Errorf("heard %q", heard)
				}
			})
		})
	}
}

// TestHostileHub_endlessHandshake sends more than a handshake has.
func TestHostileHub_endlessHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		hub.handshake = strings.Repeat(" ", 100_000)
		c := hub.newClient(nil)
		s := watch(t, c)
		run(t, c)
		for range 2 {
			s.await(t, client.Connecting)
		}
		if now := s.await(t, client.Connecting); !says(now.Err, "too large") {
			t.Errorf("%+v", now)
		}
	})
}
