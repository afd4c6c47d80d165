package client_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
	client "partline.dev/wasmclient"
)

type add struct{ A, B int }

type sum struct {
	Total int
	Note  string
}

// add is not of the hub's API, but the client knows no API.
var addMethod = contract.NewMethod[add, sum](connected.Hub, "add")

func TestCall(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		want         sum
		says         string
		isHubs       bool
	}{
		{name: "result", answer: `"result":{"total":5,"NOTE":"\u00e9","new":[]}`, want: sum{5, "é"}},
		{name: "error", answer: `"error":"Unknown hub method 'add'"`, says: "Unknown hub method 'add'", isHubs: true},
		{name: "error for people", answer: `"error":"An unexpected error occurred invoking 'add' on the server. HubException: no more"`, says: "connected.add: no more", isHubs: true},
		{name: "error without words", answer: `"error":""`, says: "no reason", isHubs: true},
		{name: "result of another type", answer: `"result":"five"`, says: "cannot be read"},
		{name: "no result", answer: `"later":1`, says: "cannot be read"},
		{name: "half a result", answer: `"result":{"total":"x","note":"y"}`, says: "cannot be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cl, conn := connect(t, nil)
				go func() {
					m := conn.nextOf(wire.Invocation)
					if string(m.Target) != "add" || string(m.Arguments) != "[2,3]" || m.StreamIDs != nil {
						t.Errorf("the client calls %+v", m)
					}
					conn.send(`{"type":3,"invocationId":"` + string(m.InvocationID) + `",` + c.answer + "}\x1e")
				}()
				got, err := client.Call(t.Context(), cl, addMethod, add{2, 3})
				var said *client.Error
				switch {
				case got != c.want:
					t.Errorf("%+v, not %+v", got, c.want)
				case (err != nil) != (c.says != "") || err != nil && !says(err, c.says):
					t.Errorf("the error is %v", err)
				case errors.As(err, &said) != c.isHubs:
					t.Errorf("of the hub: %v", said)
				}
				// The connection lives on.
				go conn.answerCall()
				if _, err := client.Call(t.Context(), cl, connected.SendMethod, connected.Send{}); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestCall_andSendKeepTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn := connect(t, nil)
		for i := range 100 {
			if err := client.Send(t.Context(), c, addMethod, add{i, 0}); err != nil {
				t.Fatal(err)
			}
		}
		go func() { _, _ = client.Call(t.Context(), c, addMethod, add{100, 0}) }()
		for i := range 101 {
			m := conn.nextOf(wire.Invocation)
			if got, want := string(m.Arguments), "["+itoa(i)+",0]"; got != want {
				t.Fatalf("call %d has %s", i, got)
			}
			if (m.InvocationID != nil) != (i == 100) {
				t.Errorf("call %d has the id %q", i, m.InvocationID)
			}
		}
		conn.end(io.EOF)
	})
}

func TestCall_withoutAConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		c := hub.newClient(nil)
		fails := func(when string) {
			t.Helper()
			if _, err := client.Call(t.Context(), c, addMethod, add{}); !errors.Is(err, client.ErrNotConnected) {
				t.Errorf("%s: Call: %v", when, err)
			}
			if err := client.Send(t.Context(), c, addMethod, add{}); !errors.Is(err, client.ErrNotConnected) {
				t.Errorf("%s: Send: %v", when, err)
			}
		}
		fails("before Run")
		hub.mu.Lock()
		hub.negotiate = func(attempt int) (*client.Response, error) {
			return map[bool]*client.Response{true: client.NewResponse(503, "", "")}[attempt%3 != 0], nil
		}
		hub.mu.Unlock()
		run(t, c)
		synctest.Wait()
		fails("while connecting")
		conn := hub.accept()
		conn.end(io.EOF)
		synctest.Wait()
		fails("while reconnecting")
		hub.accept().end(io.EOF)
		c.Close()
		fails("after Close")
	})
}

func TestCall_inFlightWhenTheConnectionEnds(t *testing.T) {
	for name, end := range map[string]func(*client.Client, *fakeConn){
		"the link is lost":         func(_ *client.Client, conn *fakeConn) { conn.end(io.EOF) },
		"the hub closes":           func(_ *client.Client, conn *fakeConn) { conn.send(`{"type":7}` + "\x1e"); conn.end(io.EOF) },
		"the hub sends garbage":    func(_ *client.Client, conn *fakeConn) { conn.send("garbage\x1e") },
		"the client closes":        func(c *client.Client, conn *fakeConn) { go c.Close(); conn.nextOf(wire.Close); conn.end(io.EOF) },
		"the hub has fallen quiet": func(*client.Client, *fakeConn) {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, conn := connect(t, nil)
				results := make(chan error)
				for range 3 {
					go func() {
						_, err := client.Call(context.Background(), c, addMethod, add{})
						results <- err
					}()
					conn.nextOf(wire.Invocation)
				}
				end(c, conn)
				for range 3 {
					if err := <-results; !errors.Is(err, client.ErrNotConfirmed) {
						t.Error(err)
					}
				}
			})
		})
	}
}

func TestCall_canceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn := connect(t, nil)
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error)
		go func() {
			_, err := client.Call(ctx, c, addMethod, add{})
			result <- err
		}()
		call := conn.nextOf(wire.Invocation)
		cancel()
		if err := <-result; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if m := conn.nextOf(wire.CancelInvocation); string(m.InvocationID) != string(call.InvocationID) {
			t.Errorf("%q is canceled, not %q", m.InvocationID, call.InvocationID)
		}
		// The hub still completes the call; nobody waits for that.
		conn.send(`{"type":3,"invocationId":"` + string(call.InvocationID) + `","error":"canceled"}` + "\x1e")
		go conn.answerCall()
		if _, err := client.Call(t.Context(), c, connected.SendMethod, connected.Send{}); err != nil {
			t.Error(err)
		}

		// A context that has ended before sends nothing.
		if _, err := client.Call(ctx, c, addMethod, add{}); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if err := client.Send(ctx, c, addMethod, add{}); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		synctest.Wait()
		select {
		case p := <-conn.toHub:
			t.Errorf("the client sent %q", p)
		default:
		}
	})
}

func TestCall_thatCannotBeSent(t *testing.T) {
	other := contract.NewHub("other")
	synctest.Test(t, func(t *testing.T) {
		c, conn := connect(t, &client.Options{SendLimit: 100})
		fits := strings.Repeat("x", 100-len(`{"type":1,"target":"Send","arguments":["",""]}`))
		for _, f := range []struct {
			says string
			send func() error
		}{
			{"larger than the hub takes: 101 bytes, of at most 100", func() error {
				return client.Send(t.Context(), c, connected.SendMethod, connected.Send{Name: fits + "x"})
			}},
			{"another hub than connected", func() error {
				return client.Send(t.Context(), c, contract.NewMethod[add, sum](other, "add"), add{})
			}},
			{"func() has no form on the wire", func() error {
				m := contract.NewMethod[struct{ Up contract.Upload[func()] }, contract.None](connected.Hub, "up")
				return client.Send(t.Context(), c, m, struct{ Up contract.Upload[func()] }{})
			}},
			{"func() has no form on the wire", func() error {
				m := contract.NewMethod[struct{ F func() }, contract.None](connected.Hub, "f")
				return client.Send(t.Context(), c, m, struct{ F func() }{})
			}},
			{"func() has no form on the wire", func() error {
				_, err := client.Call(t.Context(), c, contract.NewMethod[contract.None, func()](connected.Hub, "f"), contract.None{})
				return err
			}},
			{"not valid UTF-8", func() error {
				_, err := client.Call(t.Context(), c, connected.SendMethod, connected.Send{Name: "\xff"})
				return err
			}},
		} {
			if err := f.send(); !says(err, f.says) {
				t.Errorf("%v does not say %q", err, f.says)
			}
		}
		if err := client.Send(t.Context(), c, connected.SendMethod, connected.Send{Name: fits}); err != nil {
			t.Errorf("of 100 bytes: %v", err)
		}
		if m := conn.nextOf(wire.Invocation); !strings.Contains(string(m.Arguments), fits) {
			t.Errorf("the hub received %+v", m)
		}
	})
}

// TestSend_waitsForRoom has a hub that takes nothing.
func TestSend_waitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn := connect(t, &client.Options{QueueLimit: 1000})
		conn.fill()
		message := connected.Send{Message: strings.Repeat("x", 300)}
		sent := 0
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error)
		go func() {
			for {
				if err := client.Send(ctx, c, connected.SendMethod, message); err != nil {
					result <- err
					return
				}
				sent++
			}
		}()
		synctest.Wait()
		if sent < 2 || sent > 6 { // what the writer holds, and what is queued
			t.Errorf("%d messages were taken", sent)
		}
		cancel()
		if err := <-result; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		go func() {
			_, err := client.Call(context.Background(), c, connected.SendMethod, message)
			result <- err
		}()
		synctest.Wait()
		conn.end(io.EOF)
		if err := <-result; !errors.Is(err, client.ErrNotConnected) {
			t.Errorf("a call that was still waiting: %v", err)
		}
	})
}

func TestCall_aQueryIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn := connect(t, nil)
		client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) { t.Errorf("a query was taken for an event: %+v", b) })
		conn.send(`{"type":1,"invocationId":"s1","target":"broadcastMessage","arguments":["a","b"]}` + "\x1e")
		m := conn.nextOf(wire.Completion)
		if string(m.InvocationID) != "s1" || string(m.Error) != "Client didn't provide a result." {
			t.Errorf("%+v", m)
		}
	})
}

// connect is a client that is connected, and the hub's end of its link.
func connect(t *testing.T, o *client.Options) (*client.Client, *fakeConn) {
	t.Helper()
	hub := newFakeHub(t)
	c := hub.newClient(o)
	s := watch(t, c)
	run(t, c)
	conn := hub.accept()
	s.await(t, client.Connected)
	return c, conn
}

// fill leaves no room between the client and the hub: the next write blocks.
func (c *fakeConn) fill() {
	for {
		select {
		case c.toHub <- nil:
		default:
			return
		}
	}
}
