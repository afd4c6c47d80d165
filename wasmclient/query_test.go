package client_test

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
	client "partline.dev/wasmclient"
)

var question = contract.NewQuery[add, sum](connected.Hub, "Sum")

// ask sends a query.
func (c *fakeConn) ask(id, target, arguments string) {
	c.t.Helper()
	c.send(`{"type":1,"invocationId":"` + id + `","target":"` + target + `","arguments":` + arguments + "}\x1e")
}

func TestHandle(t *testing.T) {
	for _, transport := range each {
		synctest.Test(t, func(t *testing.T) {
			var o client.Options
			logs(&o)
			hub, c, s := over(t, transport, &o)
			off := client.Handle(c, question, func(_ context.Context, q add) (sum, error) {
				if q.B == 0 {
					return sum{}, errors.New("nothing to add")
				}
				return sum{q.A + q.B, "here"}, nil
			})
			run(t, c)
			conn := hub.accept()
			s.await(t, client.Connected)
			for _, a := range []struct{ target, arguments, value, says string }{
				{"Sum", "[2,3]", `{"total":5,"note":"here"}`, ""},
				{"SUM", "[2,3]", `{"total":5,"note":"here"}`, ""},
				{"Sum", "[2,0]", "", "nothing to add"},
				{"Sum", "[2]", "", "Invocation provides 1 argument(s) but target expects 2."},
				{"Sum", `["a","b"]`, "", "does not fit"},
				{"Other", "[]", "", "Client didn't provide a result."},
				{"broadcastMessage", `["a","b"]`, "", "Client didn't provide a result."},
			} {
				conn.ask("s1", a.target, a.arguments)
				m := conn.nextOf(wire.Completion)
				if string(m.InvocationID) != "s1" || string(m.Value) != a.value || m.HasError != (a.says != "") || !strings.Contains(string(m.Error), a.says) {
					t.Errorf("%v: %s%s is answered with %s, %s", transport, a.target, a.arguments, m.Value, m.Error)
				}
			}
			off()
			conn.ask("s2", "Sum", "[2,3]")
			if m := conn.nextOf(wire.Completion); string(m.Error) != "Client didn't provide a result." {
				t.Errorf("after off: %+v", m)
			}
			client.Handle(c, question, func(context.Context, add) (sum, error) { return sum{Total: 1}, nil })
			off() // of another handler
			conn.ask("s3", "Sum", "[2,3]")
			if m := conn.nextOf(wire.Completion); m.HasError {
				t.Errorf("with another handler: %+v", m)
			}
		})
	}
}

// TestHandle_mayTakeItsTime and call the hub meanwhile.
func TestHandle_mayTakeItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		c := hub.newClient(nil)
		heard, release := 0, make(chan struct{})
		client.On(c, connected.BroadcastMessage, func(connected.Broadcast) { heard++ })
		client.Handle(c, question, func(ctx context.Context, q add) (sum, error) {
			if q.A == 1 {
				<-release
			}
			return client.Call(ctx, c, addMethod, q)
		})
		run(t, c)
		conn := hub.accept()
		conn.ask("s1", "Sum", "[1,1]")
		conn.ask("s2", "Sum", "[2,2]")
		conn.sendEvent("a", "b")
		for _, id := range []string{"s2", "s1"} {
			m := conn.nextOf(wire.Invocation)
			conn.complete(string(m.InvocationID), `,"result":{"total":4}`)
			if m := conn.nextOf(wire.Completion); string(m.InvocationID) != id || m.HasError {
				t.Errorf("%+v", m)
			}
			if synctest.Wait(); heard != 1 {
				t.Errorf("%d events were heard", heard)
			}
			if id == "s2" {
				close(release)
			}
		}
	})
}

func TestHandle_itsContextEnds(t *testing.T) {
	for name, end := range map[string]func(c *client.Client, conn *fakeConn){
		"with the connection": func(_ *client.Client, conn *fakeConn) { conn.end(io.EOF) },
		"with the client":     func(c *client.Client, conn *fakeConn) { go c.Close() },
		"with the query":      func(_ *client.Client, conn *fakeConn) { conn.send(`{"type":5,"invocationId":"s1"}` + "\x1e") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hub := newFakeHub(t)
				c := hub.newClient(nil)
				ended := make(chan error, 1)
				client.Handle(c, question, func(ctx context.Context, _ add) (sum, error) {
					<-ctx.Done()
					ended <- ctx.Err()
					return sum{}, ctx.Err()
				})
				run(t, c)
				conn := hub.accept()
				conn.ask("s1", "Sum", "[1,1]")
				synctest.Wait()
				end(c, conn)
				select {
				case err := <-ended:
					if !errors.Is(err, context.Canceled) {
						t.Error(err)
					}
				case <-time.After(guard):
					t.Error("the handler's context does not end")
				}
			})
		})
	}
}

// TestHandle_tooManyAtOnce are refused, however many the hub asks.
func TestHandle_tooManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		o := client.Options{QueueLimit: 50_000}
		c := hub.newClient(&o)
		release, begun := make(chan struct{}), make(chan struct{}, 1000)
		client.Handle(c, question, func(context.Context, add) (sum, error) {
			begun <- struct{}{}
			<-release
			return sum{}, nil
		})
		run(t, c)
		conn := hub.accept()
		for i := range 100 {
			conn.ask("s"+strconv.Itoa(i), "Sum", "[1,1]")
		}
		synctest.Wait()
		most := len(begun)
		if most < 10 || most > 12 {
			t.Errorf("%d are at work", most)
		}
		for range 100 - most {
			if m := conn.nextOf(wire.Completion); string(m.Error) != "The client has too many queries at work." {
				t.Errorf("%+v", m)
			}
		}
		close(release)
		for range most {
			if m := conn.nextOf(wire.Completion); m.HasError {
				t.Errorf("%+v", m)
			}
		}
		conn.ask("again", "Sum", "[1,1]")
		if m := conn.nextOf(wire.Completion); m.HasError {
			t.Errorf("afterwards: %+v", m)
		}
	})
}

func TestHandle_answersThatCannotBeSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		o := client.Options{SendLimit: 300}
		log := logs(&o)
		c := hub.newClient(&o)
		client.Handle(c, question, func(_ context.Context, q add) (sum, error) {
			if q.A == 9 {
				panic("a secret")
			}
			return sum{Note: strings.Repeat("\xff", q.A) + strings.Repeat("x", q.B)}, nil
		})
		run(t, c)
		conn := hub.accept()
		for arguments, text := range map[string]string{"[9,0]": "The client's handler failed.", "[1,0]": "not valid UTF-8", "[0,400]": "larger than the hub takes"} {
			conn.ask("s1", "Sum", arguments)
			if m := conn.nextOf(wire.Completion); !strings.Contains(string(m.Error), text) || strings.Contains(string(m.Error), "secret") {
				t.Errorf("%s: %+v", arguments, m)
			}
		}
		if len(*log) != 1 || !strings.Contains((*log)[0], "a secret") {
			t.Errorf("the log has %q", *log)
		}
	})
}

func TestHandle_panics(t *testing.T) {
	c := newFakeHub(t).newClient(nil)
	nothing := func(context.Context, add) (sum, error) { return sum{}, nil }
	client.Handle(c, question, nothing)
	for text, f := range map[string]func(){
		"query Sum has a handler already": func() { client.Handle(c, question, nothing) },
		"belongs to hub other": func() {
			client.Handle(c, contract.NewQuery[add, sum](contract.NewHub("other"), "Sum"), nothing)
		},
		"has no form on the wire": func() {
			client.Handle(c, contract.NewQuery[add, func()](connected.Hub, "F"), func(context.Context, add) (func(), error) { return nil, nil })
		},
	} {
		func() {
			defer func() {
				if said, _ := recover().(string); !strings.Contains(said, text) {
					t.Errorf("%q does not say %q", said, text)
				}
			}()
			f()
		}()
	}
}

func TestHandle_warnsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o client.Options
		log := logs(&o)
		_, conn := connect(t, &o)
		for range 3 {
			conn.ask("s1", "Sum", "[1,1]")
			conn.nextOf(wire.Completion)
		}
		if len(*log) != 1 || !strings.Contains((*log)[0], `the hub asks "Sum", and nothing answers it`) {
			t.Errorf("the log has %q", *log)
		}
	})
}
