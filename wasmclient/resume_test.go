package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/shared/connected"
	"partline.dev/shared/wire"
	client "partline.dev/wasmclient"
)

// resumable is a client of a hub whose connections survive their links.
func resumable(t *testing.T, o *client.Options) (*fakeHub, *client.Client, *states, *fakeConn) {
	t.Helper()
	hub, c, s := over(t, client.WebSockets, o)
	hub.resumes = true
	run(t, c)
	conn := hub.accept()
	s.await(t, client.Connected)
	return hub, c, s, conn
}

// resumed is the next link of a connection, after it was agreed on which number
// comes next.
func (h *fakeHub) resumed(sequence int) (conn *fakeConn, first int64) {
	h.t.Helper()
	select {
	case conn = <-h.conns:
	case <-time.After(guard):
		h.t.Fatal("no link")
	}
	m := conn.next()
	if m.Kind != wire.Sequence {
		h.t.Fatalf("the first message is %+v, not a sequence", m)
	}
	conn.number(wire.Sequence, sequence)
	return conn, m.SequenceID
}

// number sends a message that holds a number.
func (c *fakeConn) number(kind wire.Kind, number int) {
	c.t.Helper()
	c.send(fmt.Sprintf(`{"type":%d,"sequenceId":%d}`+"\x1e", kind, number))
}

func TestResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, c, s, conn := resumable(t, nil)
		var heard []string
		client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) { heard = append(heard, b.Message) })
		got, streamed := collect(t.Context(), c)
		id := conn.opening() // 1
		answered := make(chan error, 1)
		go func() {
			_, err := client.Call(context.Background(), c, connected.SendMethod, connected.Send{Name: "in flight"})
			answered <- err
		}()
		call := conn.nextOf(wire.Invocation) // 2
		conn.sendEvent("a", "one")           // 1
		conn.sendItem(id, 7, "")             // 2
		conn.number(wire.Ack, 1)
		synctest.Wait()
		conn.end(io.ErrUnexpectedEOF)
		now := s.await(t, client.Reconnecting)
		if !errors.Is(now.Err, io.ErrUnexpectedEOF) || now.Attempt != 1 || !now.RetryAt.IsZero() {
			t.Errorf("%+v", now)
		}
		// What is said meanwhile is said later.
		if err := client.Send(t.Context(), c, connected.SendMethod, connected.Send{Name: "meanwhile"}); err != nil {
			t.Error(err)
		}
		begun := time.Now()
		conn, first := hub.resumed(2)
		if first != 2 || time.Since(begun) != 0 {
			t.Errorf("after %v the client goes on with message %d", time.Since(begun), first)
		}
		conn.sendItem(id, 7, "")   // 2, once more
		conn.sendEvent("a", "two") // 3
		if now := s.await(t, client.Connected); now.Transport != client.WebSockets || now.Err != nil {
			t.Errorf("%+v", now)
		}
		for _, want := range []string{`["in flight",""]`, `["meanwhile",""]`} {
			if m := conn.nextOf(wire.Invocation); string(m.Arguments) != want {
				t.Errorf("the hub receives %s, not %s", m.Arguments, want)
			}
		}
		conn.complete(string(call.InvocationID), `,"result":null`)
		if err := <-answered; err != nil {
			t.Error(err)
		}
		conn.complete(id, "")
		if err := <-streamed; err != nil || fmt.Sprint(*got) != "[7]" {
			t.Errorf("the stream had %v: %v", *got, err)
		}
		synctest.Wait()
		if fmt.Sprint(heard) != "[one two]" || hub.asked != 1 {
			t.Errorf("heard %q, with %d negotiations", heard, hub.asked)
		}
	})
}

// TestResume_asksForAToken since the old one may have run out.
func TestResume_asksForAToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		hub, _, s, conn := resumable(t, &client.Options{Token: func(context.Context) (string, error) {
			asked++
			return []string{"", "first", "", "second"}[asked], map[int]error{2: errors.New("no network")}[asked]
		}})
		conn.end(io.ErrUnexpectedEOF)
		hub.resumed(1)
		s.await(t, client.Connected)
		if hub.dialled != "second" || asked != 3 {
			t.Errorf("after %d questions the link is opened with %q", asked, hub.dialled)
		}
	})
}

// TestResume_onlyIfBothWant the hub's consent and the client's question.
func TestResume_onlyIfBothWant(t *testing.T) {
	for name, o := range map[string]*client.Options{
		"turned off":    {StatefulReconnect: -1},
		"no WebSockets": {Transports: client.ServerSentEvents | client.LongPolling},
	} {
		synctest.Test(t, func(t *testing.T) {
			hub, c, s := over(t, every, o)
			hub.resumes = true
			run(t, c)
			conn := hub.accept()
			s.await(t, client.Connected)
			if hub.resumable {
				t.Errorf("%s: the hub was asked", name)
			}
			conn.end(io.EOF)
			hub.accept()
			if hub.asked != 2 {
				t.Errorf("%s: %d negotiations", name, hub.asked)
			}
		})
	}
}

// TestResume_fails and an ordinary connection follows.
func TestResume_fails(t *testing.T) {
	for _, c := range []struct {
		name string
		hub  func(hub *fakeHub)
		says string
		most time.Duration
	}{
		{"forgotten", func(hub *fakeHub) {
			hub.mu.Lock()
			defer hub.mu.Unlock()
			hub.forgets = true
		}, "does not know the connection", 0},
		{"numbers that were never sent", func(hub *fakeHub) { _, _ = hub.resumed(5) }, "never arrived", 0},
		{"closed", func(hub *fakeHub) { (<-hub.conns).send(`{"type":7}` + "\x1e") }, "does not know the connection", 0},
		{"a link that says nothing", func(hub *fakeHub) {
			for range 2 {
				<-hub.conns
			}
			hub.mu.Lock()
			defer hub.mu.Unlock()
			hub.forgets = true
		}, "does not know the connection", 15 * time.Second},
		{"no way to the hub", func(hub *fakeHub) {
			hub.mu.Lock()
			hub.blocked = map[client.Transport]error{client.WebSockets: errBlocked}
			hub.mu.Unlock()
			pass(15 * time.Second)
			hub.mu.Lock()
			hub.blocked = nil
			hub.mu.Unlock()
		}, "a proxy is in the way", 15 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hub, cl, s, conn := resumable(t, nil)
				answered := make(chan error, 1)
				go func() {
					_, err := client.Call(context.Background(), cl, connected.SendMethod, connected.Send{})
					answered <- err
				}()
				conn.nextOf(wire.Invocation)
				begun := time.Now()
				late := make(chan error, 1)
				hurried := make(chan struct{})
				go func() {
					defer close(hurried)
					c.hub(hub)
				}()
				if c.name == "forgotten" {
					<-hurried
				}
				conn.end(io.ErrUnexpectedEOF)
				if c.name == "no way to the hub" { // made meanwhile
					synctest.Wait()
					go func() {
						_, err := client.Call(context.Background(), cl, connected.SendMethod, connected.Send{})
						late <- err
					}()
					if err := <-late; !errors.Is(err, client.ErrNotConnected) {
						t.Errorf("a call that was never sent ends with %v", err)
					}
				}
				if err := <-answered; !errors.Is(err, client.ErrNotConfirmed) || time.Since(begun) > c.most {
					t.Errorf("after %v the call ends with %v", time.Since(begun), err)
				}
				for {
					if now := s.await(t, client.Reconnecting); says(now.Err, c.says) {
						break
					}
				}
				s.await(t, client.Connected)
				if hub.asked < 2 {
					t.Error("there was no other negotiation")
				}
				<-hurried
			})
		})
	}
}

// TestResume_closeMeanwhile ends at once.
func TestResume_closeMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, c, s, conn := resumable(t, nil)
		hub.mu.Lock()
		hub.blocked = map[client.Transport]error{client.WebSockets: nil}
		hub.mu.Unlock()
		conn.end(io.ErrUnexpectedEOF)
		s.await(t, client.Reconnecting)
		begun := time.Now()
		c.Close()
		if took := time.Since(begun); took != 0 || c.State() != (client.State{Phase: client.Disconnected}) {
			t.Errorf("after %v: %+v", took, c.State())
		}
	})
}

// TestResume_notWhatTheHubEnds or what breaks the protocol.
func TestResume_notWhatTheHubEnds(t *testing.T) {
	for _, sent := range []string{
		`{"type":7,"allowReconnect":true}` + "\x1e",
		"garbage\x1e",
		`{"type":8,"sequenceId":1}` + "\x1e",
		`{"type":8,"sequenceId":9007199254740992}` + "\x1e",
		`{"type":8,"sequenceId":9223372036854775808}` + "\x1e",
		`{"type":8,"sequenceId":-1}` + "\x1e",
		`{"type":9,"sequenceId":2}` + "\x1e",
		`{"type":9,"sequenceId":0}` + "\x1e",
		`{"type":9,"sequenceId":9007199254740992}` + "\x1e",
	} {
		synctest.Test(t, func(t *testing.T) {
			hub, _, s, conn := resumable(t, nil)
			conn.send(sent)
			s.await(t, client.Reconnecting)
			hub.accept()
			if hub.asked != 2 {
				t.Errorf("%q: %d negotiations", sent, hub.asked)
			}
		})
	}
}

// TestResume_silentHub is a loss as any other.
func TestResume_silentHub(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, _, s, _ := resumable(t, nil)
		if now := s.await(t, client.Reconnecting); !errors.Is(now.Err, client.ErrSilent) {
			t.Errorf("%+v", now)
		}
		hub.resumed(1)
		s.await(t, client.Connected)
	})
}

// TestResume_watcherThatCalls does not hold up what its call waits for.
func TestResume_watcherThatCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, c, _ := over(t, client.WebSockets, nil)
		hub.resumes = true
		called := make(chan error, 1)
		c.Watch(func(now client.State) {
			if now.Phase == client.Connected {
				_, err := client.Call(context.Background(), c, connected.SendMethod, connected.Send{})
				called <- err
			}
		})
		run(t, c)
		conn := hub.accept()
		call := conn.nextOf(wire.Invocation)
		conn.end(io.ErrUnexpectedEOF) // before the answer
		conn, first := hub.resumed(1)
		if again := conn.nextOf(wire.Invocation); first != 1 || string(again.InvocationID) != string(call.InvocationID) {
			t.Errorf("%+v comes again as %+v, number %d", call, again, first)
		}
		conn.complete(string(call.InvocationID), `,"result":null`)
		if err := <-called; err != nil {
			t.Error(err)
		}
	})
}
