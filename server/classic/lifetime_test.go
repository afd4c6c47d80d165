package classic_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/classic"
	"partline.dev/server/hub"
	"partline.dev/server/keys"
)

// watched is a chat that tells who comes and goes.
func watched() (m *hub.Mux, events chan string) {
	m, events = newChat(), make(chan string, 100)
	m.OnConnect(func(x *hub.Context) error {
		events <- "connect"
		return nil
	})
	m.OnReconnect(func(x *hub.Context) { events <- "reconnect" })
	m.OnDisconnect(func(x *hub.Context, err error) { events <- fmt.Sprint("disconnect ", err != nil) })
	return m, events
}

func wantEvent(t *testing.T, events chan string, want string) {
	t.Helper()
	if got := <-events; got != want {
		t.Fatalf("the hub heard %q, want %q", got, want)
	}
}

func wantNoEvent(t *testing.T, events chan string) {
	t.Helper()
	select {
	case got := <-events:
		t.Fatalf("the hub heard %q", got)
	default:
	}
}

func (s *served) publish(m *hub.Mux, message string) {
	s.t.Helper()
	if err := hub.Publish(context.Background(), m.All(), lineEvent, line{"server", message}); err != nil {
		s.t.Fatal(err)
	}
}

func TestConnection_outlivesItsLink(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		synctest.Test(t, func(t *testing.T) {
			m, events := watched()
			s := serve(t, classic.Options{}, nil, m)
			c := s.connected(way, "chatHub")
			wantEvent(t, events, "connect")
			s.publish(m, "1")
			c.expect(said("server", "1"))
			c.cut()
			time.Sleep(34 * time.Second)
			synctest.Wait()
			wantNoEvent(t, events)
			s.publish(m, "2")
			s.publish(m, "3")
			c.reconnect()
			c.expect(said("server", "2"), said("server", "3"))
			wantEvent(t, events, "reconnect")
			c.cut()
			time.Sleep(36 * time.Second)
			wantEvent(t, events, "disconnect true")
			// For a while it is known what it was.
			s.publish(m, "4")
			time.Sleep(60 * time.Second)
			c.reconnect()
			c.expect(said("server", "4"))
			wantEvent(t, events, "reconnect")
			c.post("abort", nil)
			wantEvent(t, events, "disconnect false")
			c.cut()
			if err := c.open("reconnect"); err == nil && way != "longPolling" {
				t.Error("it came back after its abort")
			}
		})
	})
}

func TestLink_keepAlive(t *testing.T) {
	for _, way := range ways[:2] {
		t.Run(way, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serve(t, classic.Options{}, nil, newChat())
				c := s.connected(way, "chatHub")
				for range 3 {
					begin := time.Now()
					got, err := c.link.next(t.Context())
					if err != nil || got != "{}" {
						t.Fatalf("came %q %v", got, err)
					}
					if waited := time.Since(begin); waited < 9*time.Second || waited > 11*time.Second {
						t.Errorf("it came after %v", waited)
					}
				}
				c.cut()
			})
		})
	}
}

func TestPoll_ends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newChat()
		s := serve(t, classic.Options{}, nil, m)
		c := s.connected("longPolling", "chatHub")
		begin, before := time.Now(), c.cursor
		got := c.next()
		if got.M == nil || len(got.M) > 0 || got.C != before {
			t.Errorf("an empty poll: %s", got.text)
		}
		if waited := time.Since(begin); waited < 110*time.Second || waited > 111*time.Second {
			t.Errorf("it took %v", waited)
		}
		// Another poll takes the place of one that waits.
		first := make(chan envelope, 1)
		go func() {
			text, _ := c.link.next(t.Context())
			var e envelope
			_ = json.Unmarshal([]byte(text), &e)
			first <- e
		}()
		synctest.Wait()
		second := make(chan envelope, 1)
		go func() {
			text, _ := c.link.next(t.Context())
			var e envelope
			_ = json.Unmarshal([]byte(text), &e)
			second <- e
		}()
		if e := <-first; e.M == nil || len(e.M) != 0 || e.C != before {
			t.Errorf("the older poll: %+v", e)
		}
		s.publish(m, "x")
		if e := <-second; len(e.M) != 1 {
			t.Errorf("the newer poll: %+v", e)
		}
	})
}

func TestGroups_survive(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		ring := keys.Random()
		m := newChat()
		s := serve(t, classic.Options{Signer: keys.NewSigner(ring)}, nil, m)
		c := s.connected(way, "chatHub")
		c.call("Join", "red")
		for c.groups == "" {
			c.next()
		}
		had := c.groups
		c.cut()
		c.reconnect()
		s.publish(m, "x")
		if got := c.next(); len(got.M) != 1 || got.G != "" || c.groups != had {
			t.Errorf("a groups token came again: %s", got.text)
		}
		// Another server, with the same keys.
		again := newChat()
		other := serve(t, classic.Options{Signer: keys.NewSigner(ring)}, nil, again)
		c.cut()
		c.http = other.http()
		c.reconnect()
		if first := c.next(); len(first.M) != 0 || first.C == "" {
			t.Errorf("the first word was %s", first.text)
		}
		c.call("Tell", "red")
		c.expect(said("red", ""))
		c.cut()
	})
}

func TestSend_beforeTheReturn(t *testing.T) {
	// The server was started again, and the client calls before it is back.
	ring := keys.Random()
	s := serve(t, classic.Options{Signer: keys.NewSigner(ring)}, nil, newChat())
	c := s.connected("serverSentEvents", "chatHub")
	c.call("Join", "red")
	for c.groups == "" {
		c.next()
	}
	m, events := watched()
	other := serve(t, classic.Options{Signer: keys.NewSigner(ring)}, nil, m)
	c.http = other.http()
	if got := c.call("Echo", "a", "b"); got != `{"I":"1","R":{"Name":"a","Message":"b"}}` {
		t.Errorf("the result was %s", got)
	}
	wantEvent(t, events, "reconnect")
	c.cut()
	c.reconnect()
	c.next()
	c.call("Tell", "red")
	c.expect(said("red", ""))
	c.cut()
}

func TestHub_endsTheConnection(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		m := newChat()
		s := serve(t, classic.Options{}, nil, m, newOther())
		c := s.connected(way, "chatHub", "otherHub")
		s.publish(m, "before")
		if got := c.call("Leave"); way != "webSockets" && !strings.Contains(got, `"I"`) {
			t.Errorf("the call was answered with %q", got)
		}
		c.expect(said("server", "before"))
		for {
			e, err := c.receive(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if e.E != "" {
				break
			}
		}
		if status, body, err := c.do(t.Context(), http.MethodPost, "send", nil, map[string][]string{"data": {c.invocation("chatHub", "Echo", "a", "b")}}); err != nil || status != 400 {
			t.Errorf("send: %d %s %v", status, body, err)
		}
	})
}

func TestStart_refused(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		m := newChat()
		m.OnConnect(func(*hub.Context) error { return hub.Errorf("not today") })
		s := serve(t, classic.Options{}, nil, m)
		c := s.negotiated(way, "chatHub")
		c.connect()
		if status, body, err := c.do(t.Context(), http.MethodGet, "start", nil, nil); err != nil || status != 500 {
			t.Errorf("start: %d %s %v", status, body, err)
		}
		c.cut()
	})
}

func TestHubs_onOneConnection(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		s := serve(t, classic.Options{}, nil, newChat(), newOther())
		both, one := s.connected(way, "chatHub", "otherHub"), s.connected(way, "chatHub")
		// A call to a hub that is not listed works, and nothing is heard of it.
		if err := one.link.send(t.Context(), one.invocation("otherHub", "Send", "ann", "other")); err != nil {
			t.Fatal(err)
		}
		both.expect(`{"H":"otherHub","M":"said","A":["ann","other"]}`)
		one.call("Send", "ann", "chat")
		one.expect(said("ann", "chat"))
		both.expect(said("ann", "chat"))
	})
}

func TestShutdown_sendsClientsElsewhere(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		s := serve(t, classic.Options{}, nil, newChat())
		c := s.connected(way, "chatHub")
		ended := make(chan bool)
		go func() {
			e, err := c.receive(context.Background())
			c.cut()
			ended <- err != nil || e.T == 1
		}()
		if err := s.host.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if !<-ended {
			t.Error("the client heard nothing of the end")
		}
	})
}

func TestProtocol_withoutStart(t *testing.T) {
	m, events := watched()
	s := serve(t, classic.Options{}, nil, m)
	c := s.negotiated("webSockets", "chatHub")
	c.version = "1.3"
	c.connect()
	wantEvent(t, events, "connect")
	c.cut()
}

func TestProgress_andState(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		s := serve(t, classic.Options{}, nil, newChat())
		c := s.connected(way, "chatHub")
		c.call("Step", 2)
		want := []string{`{"I":"P|0","P":{"I":"0","D":1}}`, `{"I":"P|0","P":{"I":"0","D":2}}`}
		if got := c.items(2); !slices.Equal(got, want) {
			t.Errorf("progress: %s", got)
		}
	})
}
