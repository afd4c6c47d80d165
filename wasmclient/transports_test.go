package client_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/shared/connected"
	"partline.dev/shared/wire"
	client "partline.dev/wasmclient"
)

const every = client.WebSockets | client.ServerSentEvents | client.LongPolling

var each = []client.Transport{client.WebSockets, client.ServerSentEvents, client.LongPolling}

var errBlocked = errors.New("a proxy is in the way")

func TestTransport_String(t *testing.T) {
	for transport, words := range map[client.Transport]string{
		0: "none", client.WebSockets: "WebSockets", client.ServerSentEvents: "server-sent events", client.LongPolling: "long polling",
		client.WebSockets | client.LongPolling: "WebSockets, long polling",
	} {
		if got := transport.String(); got != words {
			t.Errorf("%d is %q", transport, got)
		}
	}
}

// TestTransports_callsAndEvents does over each transport what clients do.
func TestTransports_callsAndEvents(t *testing.T) {
	for _, transport := range each {
		t.Run(transport.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hub := newFakeHub(t)
				hub.offers = every
				c := hub.newClient(&client.Options{Transports: transport})
				var heard []string
				client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) { heard = append(heard, b.Message) })
				s := watch(t, c)
				ended := run(t, c)
				conn := hub.accept()
				if now := s.await(t, client.Connected); now.Transport != transport || now.Err != nil {
					t.Errorf("%+v", now)
				}
				for range 3 {
					answered := make(chan error, 1)
					go func() {
						_, err := client.Call(context.Background(), c, connected.SendMethod, connected.Send{Name: "a", Message: "two\nlines"})
						answered <- err
					}()
					conn.sendEvent("a", "b")
					conn.answerCall()
					if err := <-answered; err != nil {
						t.Error(err)
					}
				}
				large := strings.Repeat("x", 100_000)
				conn.send(eventText("a", large)[:50_000])
				conn.send(eventText("a", large)[50_000:])
				synctest.Wait()
				if len(heard) != 4 || heard[3] != large {
					t.Errorf("heard %d events", len(heard))
				}
				done := make(chan struct{})
				go func() {
					c.Close()
					close(done)
				}()
				conn.nextOf(wire.Close)
				conn.end(io.EOF)
				<-done
				if err := <-ended; err != nil {
					t.Error(err)
				}
				if opened := hub.openings(); !slices.Equal(opened, []client.Transport{transport}) {
					t.Errorf("opened %v", opened)
				}
			})
		})
	}
}

// TestTransports_order looks which are tried when some cannot be opened.
func TestTransports_order(t *testing.T) {
	for _, c := range []struct {
		name    string
		offers  client.Transport
		allowed client.Transport
		blocked map[client.Transport]error
		opened  []client.Transport
		after   time.Duration
	}{
		{"nothing is in the way", every, 0, nil, each[:1], 0},
		{"WebSockets are refused", every, 0, map[client.Transport]error{client.WebSockets: errBlocked}, each[:2], 0},
		{"only long polling gets through", every, 0, map[client.Transport]error{client.WebSockets: errBlocked, client.ServerSentEvents: errBlocked}, each, 0},
		{"WebSockets are swallowed", every, 0, map[client.Transport]error{client.WebSockets: nil}, each[:2], 5 * time.Second},
		{"all but long polling is swallowed", every, 0, map[client.Transport]error{client.WebSockets: nil, client.ServerSentEvents: nil}, each, 10 * time.Second},
		{"the hub has no WebSockets", client.ServerSentEvents | client.LongPolling, 0, nil, each[1:2], 0},
		{"forced", every, client.LongPolling, nil, each[2:], 0},
		{"two of three", every, client.ServerSentEvents | client.LongPolling, map[client.Transport]error{client.ServerSentEvents: errBlocked}, each[1:], 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hub := newFakeHub(t)
				hub.offers, hub.blocked = c.offers, c.blocked
				cl := hub.newClient(&client.Options{Transports: c.allowed})
				s := watch(t, cl)
				begun := time.Now()
				run(t, cl)
				hub.accept()
				if now := s.await(t, client.Connected); now.Transport != c.opened[len(c.opened)-1] || time.Since(begun) != c.after {
					t.Errorf("after %v: %+v", time.Since(begun), now)
				}
				if opened := hub.openings(); !slices.Equal(opened, c.opened) || hub.asked != len(opened) {
					t.Errorf("opened %v, with %d negotiations", opened, hub.asked)
				}
			})
		})
	}
}

// TestTransports_oneThatOpensAndCarriesNothing is a proxy that lets a request
// through, but not what follows.
func TestTransports_oneThatOpensAndCarriesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		hub.offers, hub.blocked = every, map[client.Transport]error{client.WebSockets: errBlocked}
		hub.answer = func(r *client.Request) (*client.Response, error) {
			if r.Accept() == "text/event-stream" {
				held, _ := io.Pipe()
				context.AfterFunc(t.Context(), func() { held.Close() })
				return client.NewStream(200, "text/event-stream", held), nil
			}
			if r.Method() == "POST" && strings.Contains(r.To().RawQuery, "token2") {
				return client.NewResponse(200, "", ""), nil
			}
			return nil, nil
		}
		c := hub.newClient(nil)
		s := watch(t, c)
		run(t, c)
		hub.accept()
		if now := s.await(t, client.Connected); now.Transport != client.LongPolling {
			t.Errorf("%+v", now)
		}
	})
}

func TestTransports_noneOpens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		hub.offers = every
		hub.blocked = map[client.Transport]error{client.WebSockets: errBlocked, client.ServerSentEvents: errBlocked, client.LongPolling: errBlocked}
		c := hub.newClient(nil)
		s := watch(t, c)
		run(t, c)
		for range 2 {
			s.await(t, client.Connecting)
		}
		now := s.await(t, client.Connecting)
		for _, text := range []string{"no WebSocket to the hub: a proxy", "no server-sent events from the hub: a proxy", "no long polling with the hub: a proxy"} {
			if !says(now.Err, text) {
				t.Errorf("%v does not say %q", now.Err, text)
			}
		}
		hub.mu.Lock()
		hub.blocked = nil
		hub.mu.Unlock()
		hub.accept()
		if now := s.await(t, client.Connected); now.Transport != client.WebSockets {
			t.Errorf("%+v: that nothing opened says nothing of WebSockets", now)
		}
	})
}

// TestTransports_whatWorkedIsRemembered and WebSockets are tried again when a
// connection is made after ten minutes.
func TestTransports_whatWorkedIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		hub.offers, hub.blocked = every, map[client.Transport]error{client.WebSockets: errBlocked}
		c := hub.newClient(nil)
		run(t, c)
		conn := hub.accept()
		hub.openings()
		again := func(wait time.Duration, want ...client.Transport) {
			t.Helper()
			for range int(wait / (10 * time.Second)) {
				pass(10 * time.Second)
				conn.send(`{"type":6}` + "\x1e")
			}
			conn.end(io.ErrUnexpectedEOF)
			conn = hub.accept()
			if opened := hub.openings(); !slices.Equal(opened, want) {
				t.Errorf("%v later it tries %v, not %v", wait, opened, want)
			}
		}
		again(time.Minute, client.ServerSentEvents)
		again(8*time.Minute, client.ServerSentEvents)
		again(time.Minute, client.WebSockets, client.ServerSentEvents) // still blocked
		again(9*time.Minute, client.ServerSentEvents)
		hub.mu.Lock()
		hub.blocked = map[client.Transport]error{client.ServerSentEvents: errBlocked} // another network
		hub.mu.Unlock()
		again(30*time.Second, client.ServerSentEvents, client.ServerSentEvents, client.LongPolling)
		hub.mu.Lock()
		hub.blocked = nil
		hub.mu.Unlock()
		again(10*time.Minute, client.WebSockets)
		again(0, client.WebSockets)
	})
}

// TestTransports_aRestartOfTheHub is no reason to think that WebSockets are
// blocked.
func TestTransports_aRestartOfTheHub(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		hub.offers = every
		c := hub.newClient(nil)
		s := watch(t, c)
		run(t, c)
		conn := hub.accept()
		hub.openings()
		hub.mu.Lock()
		hub.blocked = map[client.Transport]error{client.WebSockets: errBlocked}
		hub.mu.Unlock()
		conn.end(io.EOF)
		for {
			if now := s.await(t, client.Reconnecting); says(now.Err, "no WebSocket") {
				break
			}
		}
		hub.mu.Lock()
		hub.blocked = nil
		hub.mu.Unlock()
		hub.accept()
		if opened := hub.openings(); !slices.Equal(opened, []client.Transport{client.WebSockets, client.WebSockets}) {
			t.Errorf("opened %v", opened)
		}
	})
}

// TestTransports_refusedHandshake is the hub's word, not a network's.
func TestTransports_refusedHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		hub.offers, hub.handshake = every, `{"error":"The protocol 'json' is not supported."}`+"\x1e"
		c := hub.newClient(nil)
		s := watch(t, c)
		run(t, c)
		for range 2 {
			s.await(t, client.Connecting)
		}
		if now := s.await(t, client.Connecting); !says(now.Err, "not supported") {
			t.Errorf("%+v", now)
		}
		if opened := hub.openings(); !slices.Equal(opened, each[:1]) {
			t.Errorf("opened %v", opened)
		}
	})
}

// TestTransports_onePassedOver is better than none.
func TestTransports_onePassedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		hub.offers, hub.blocked = every, map[client.Transport]error{client.WebSockets: errBlocked}
		c := hub.newClient(nil)
		run(t, c)
		conn := hub.accept()
		hub.openings()
		hub.mu.Lock()
		hub.offers, hub.blocked = client.WebSockets, nil
		hub.mu.Unlock()
		conn.end(io.EOF)
		conn = hub.accept()
		if opened := hub.openings(); !slices.Equal(opened, each[:1]) {
			t.Errorf("opened %v", opened)
		}
		hub.mu.Lock()
		hub.offers = every
		hub.mu.Unlock()
		conn.end(io.EOF)
		hub.accept() // and what works after all is not passed over any more
		if opened := hub.openings(); !slices.Equal(opened, each[:1]) {
			t.Errorf("then opened %v", opened)
		}
	})
}
