package classic_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/classic"
	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

func TestPrincipal_expires(t *testing.T) {
	// The client is sent away to come back, and stays with credentials renewed.
	eachWay(t, func(t *testing.T, way string) {
		synctest.Test(t, func(t *testing.T) {
			m, events := watched()
			s := serve(t, classic.Options{}, &transport.Options{
				Authority: front.AuthorityFunc(func(*http.Request) (hub.Principal, error) {
					return hub.Principal{ID: "ann", Expires: time.Now().Add(time.Minute).UnixMilli()}, nil
				}),
			}, m, newOther())
			c := s.connected(way, "chatHub", "otherHub")
			wantEvent(t, events, "connect")
			begin := time.Now()
			for {
				e, err := c.receive(t.Context())
				if err != nil || e.T == 1 {
					break
				}
				if e.E != "" {
					t.Fatalf("it heard %s", e.text)
				}
			}
			if waited := time.Since(begin); waited < 59*time.Second || waited > 62*time.Second {
				t.Errorf("it ended after %v", waited)
			}
			wantEvent(t, events, "disconnect true")
			synctest.Wait() // until its other hub has seen it go, too
			c.cut()
			s.publish(m, "meanwhile")
			c.reconnect()
			c.expect(said("server", "meanwhile"))
			wantEvent(t, events, "reconnect")
			// A request renews them, while a link lasts.
			if way != "webSockets" {
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					for {
						if e, err := c.receive(context.Background()); err != nil || e.T == 1 {
							return
						}
					}
				}()
				for range 5 {
					time.Sleep(40 * time.Second)
					form := url.Values{"data": {`{"H":"chatHub","M":"Echo","A":["a","b"],"I":1}`}}
					if status, body, err := c.do(t.Context(), http.MethodPost, "send", nil, form); err != nil || status != http.StatusOK {
						t.Fatalf("%d %s %v", status, body, err)
					}
				}
				wantNoEvent(t, events)
				<-ended
				wantEvent(t, events, "disconnect true")
			}
			c.cut()
		})
	})
}

func TestConnect_withTheNextTransport(t *testing.T) {
	// The first word did not come in time, and the client tries another way with
	// the same token: it hears all from the first try on, and connects once.
	m, events := watched()
	transports := make(chan string, 1)
	m.Use(hub.Filter{Connect: func(x *hub.Context, next func() error) error {
		transports <- x.Transport()
		return next()
	}})
	s := serve(t, classic.Options{}, nil, m)
	c := s.negotiated("webSockets", "chatHub")
	if err := c.open("connect"); err != nil {
		t.Fatal(err)
	}
	s.publish(m, "early")
	for _, next := range []string{"serverSentEvents", "longPolling"} {
		c.cut()
		c.kind = next
		c.connect()
	}
	c.start()
	wantEvent(t, events, "connect")
	if got := <-transports; got != "LongPolling" {
		t.Errorf("OnConnect sees the transport %s", got)
	}
	c.expect(said("server", "early"))
	s.publish(m, "late")
	c.expect(said("server", "late"))
	c.post("abort", nil)
	wantEvent(t, events, "disconnect false")
	wantNoEvent(t, events)
}

func TestConnect_withoutAnUpgrade(t *testing.T) {
	// A request for a WebSocket that cannot be one makes no connection.
	s := serve(t, classic.Options{}, nil, newChat())
	c := s.negotiated("webSockets", "chatHub")
	if status, body, err := c.do(t.Context(), http.MethodGet, "connect", nil, nil); err != nil || status != http.StatusBadRequest {
		t.Errorf("%d %s %v", status, body, err)
	}
	if n := s.core.Stats().Connections; n != 0 {
		t.Errorf("%d connections", n)
	}
}
