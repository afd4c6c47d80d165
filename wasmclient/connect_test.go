package client_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/shared/connected"
	client "partline.dev/wasmclient"
)

func TestRun_connectsAndReconnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		c := hub.newClient(nil)
		s := watch(t, c)
		if now := s.await(t, client.Connecting); now != (client.State{}) {
			t.Errorf("before Run: %+v", now)
		}
		run(t, c)
		if now := s.await(t, client.Connecting); now.Attempt != 1 || now.Err != nil || !now.RetryAt.IsZero() {
			t.Errorf("the first attempt: %+v", now)
		}
		conn := hub.accept()
		if now := s.await(t, client.Connected); now != (client.State{Phase: client.Connected, Transport: client.WebSockets}) {
			t.Errorf("connected: %+v", now)
		}
		conn.end(io.ErrUnexpectedEOF)
		now := s.await(t, client.Reconnecting)
		if now.Attempt != 0 || !errors.Is(now.Err, io.ErrUnexpectedEOF) || time.Until(now.RetryAt) > time.Second {
			t.Errorf("the link is lost: %+v", now)
		}
		if now = s.await(t, client.Reconnecting); now.Attempt != 1 || now.Err == nil || !now.RetryAt.IsZero() {
			t.Errorf("the second connection's first attempt: %+v", now)
		}
		hub.accept()
		s.await(t, client.Connected)
		if got := c.State(); got.Phase != client.Connected {
			t.Errorf("State says %+v", got)
		}
	})
}

func TestRun_triesTheFirstConnectionAgainToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		down := errors.New("nobody is there")
		hub.negotiate = func(attempt int) (*client.Response, error) {
			if attempt <= 20 {
				return nil, down
			}
			return nil, nil
		}
		c := hub.newClient(nil)
		s := watch(t, c)
		begun := time.Now()
		run(t, c)
		<-s.heard // before Run
		for attempt := 1; attempt <= 20; attempt++ {
			if now := <-s.heard; now.Phase != client.Connecting || now.Attempt != attempt || !now.RetryAt.IsZero() || (now.Err != nil) != (attempt > 1) {
				t.Errorf("attempt %d: %+v", attempt, now)
			}
			now := <-s.heard
			if now.Phase != client.Connecting || now.Attempt != attempt || !errors.Is(now.Err, down) {
				t.Errorf("attempt %d failed: %+v", attempt, now)
			}
			if wait := time.Until(now.RetryAt); wait < 0 || wait > 30*time.Second {
				t.Errorf("attempt %d: the next is in %v", attempt, wait)
			}
		}
		hub.accept()
		s.await(t, client.Connected)
		// About 15 s for each of 15 waits at full length, and 31 s before them.
		if took := time.Since(begun); took < time.Minute {
			t.Errorf("21 attempts took %v: the waits do not grow", took)
		}
	})
}

// TestRun_hubThatSendsEverybodyBack must not be asked in a tight loop.
func TestRun_hubThatSendsEverybodyBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		begun := time.Now()
		run(t, hub.newClient(nil))
		for range 20 {
			hub.accept().end(io.EOF)
		}
		if took := time.Since(begun); took < time.Minute {
			t.Errorf("20 connections were made in %v: the waits do not grow", took)
		}
		// A connection that holds is the end of that row.
		conn := hub.accept()
		pass(10 * time.Second)
		conn.end(io.EOF)
		begun = time.Now()
		hub.accept()
		if took := time.Since(begun); took > time.Second {
			t.Errorf("the next connection comes after %v", took)
		}
	})
}

func TestRun_saysWhyThereIsNoConnection(t *testing.T) {
	for _, c := range []struct {
		name  string
		reply *client.Response
		says  string
	}{
		{"not allowed", client.NewResponse(403, "text/plain; charset=utf-8", "this page's site is not allowed\n"), "refuses this client or its page (403): this page's site is not allowed"},
		{"not known", client.NewResponse(401, "", ""), "who this is (401)"},
		{"no hub", client.NewResponse(404, "text/html", "<html>"), "no hub at this address (404)"},
		{"a proxy without its server", client.NewResponse(502, "text/plain", "line 1\nline 2"), "cannot be used now (502): line 1"},
		{"a page", client.NewResponse(200, "text/html", "<html>"), "not a hub"},
		{"an error of SignalR's", client.NewResponse(200, "", `{"error":"no more room"}`), "no more room"},
		{"another address that is none", client.NewResponse(200, "", `{"url":"/elsewhere","accessToken":"secret"}`), "another address: the hub's address must begin with http"},
		{"the other generation", client.NewResponse(200, "", `{"Url":"/signalr","ProtocolVersion":"2.0"}`), "SignalR 2"},
		{"no token", client.NewResponse(200, "", `{"availableTransports":[{"transport":"WebSockets","transferFormats":["Text"]}]}`), "no connectionToken"},
		{"no transport that is known", client.NewResponse(200, "", `{"connectionToken":"t","availableTransports":[{"transport":"Pigeons","transferFormats":["Text"]}]}`), "offers no WebSockets, server-sent events, long polling"},
		{"no transport at all", client.NewResponse(200, "", `{"connectionToken":"t"}`), "offers no WebSockets, server-sent events, long polling"},
		{"binary only", client.NewResponse(200, "", `{"connectionToken":"t","availableTransports":[{"transport":"WebSockets","transferFormats":["Binary"]}]}`), "offers no WebSockets"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hub := newFakeHub(t)
				hub.negotiate = func(attempt int) (*client.Response, error) {
					if attempt == 1 {
						return c.reply, nil
					}
					return nil, nil
				}
				c1 := hub.newClient(nil)
				s := watch(t, c1)
				run(t, c1)
				for range 2 {
					s.await(t, client.Connecting)
				}
				if now := s.await(t, client.Connecting); !says(now.Err, c.says) || now.RetryAt.IsZero() {
					t.Errorf("%+v", now)
				}
				hub.accept() // none of this is for ever
			})
		})
	}
}

func TestRun_refusedHandshakeIsTriedAgain(t *testing.T) {
	for answer, text := range map[string]string{
		`{"error":"The protocol 'json' is not supported."}` + "\x1e": "The protocol 'json' is not supported.",
		`{"type":6}` + "\x1e": "not a hub",
		"garbage\x1e":         "not a hub",
	} {
		synctest.Test(t, func(t *testing.T) {
			hub := newFakeHub(t)
			hub.handshake = answer
			c := hub.newClient(nil)
			s := watch(t, c)
			run(t, c)
			for range 2 {
				s.await(t, client.Connecting)
			}
			if now := s.await(t, client.Connecting); !says(now.Err, text) || now.RetryAt.IsZero() {
				t.Errorf("%+v", now)
			}
			if conn := <-hub.conns; !conn.isClosed() {
				t.Error("the link stays open")
			}
			<-hub.conns
		})
	}
}

func TestRun_handshakeTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		hub.handshake = ""
		c := hub.newClient(nil)
		s := watch(t, c)
		begun := time.Now()
		run(t, c)
		for range 2 {
			s.await(t, client.Connecting)
		}
		now := s.await(t, client.Connecting)
		if !errors.Is(now.Err, client.ErrNoAnswer) || time.Since(begun) != 15*time.Second {
			t.Errorf("after %v: %+v", time.Since(begun), now)
		}
		if conn := <-hub.conns; !conn.isClosed() {
			t.Error("the link stays open")
		}
	})
}

func TestRun_addressThatCannotBeOne(t *testing.T) {
	for _, address := range []string{
		"", "/hubs/connected", "ws://hub.example/x", "http://", "http://ann:secret@hub.example/x", "http://hub.example:port/secret", "http://\x00",
	} {
		c := client.New(address, connected.Hub, nil)
		err := c.Run(t.Context())
		if !says(err, "address") || says(err, "secret") {
			t.Errorf("%q: %v", address, err)
		}
		if now := c.State(); now.Phase != client.Disconnected || now.Err != err {
			t.Errorf("%q: %+v", address, now)
		}
		if _, err := client.Dial(t.Context(), address, connected.Hub); !says(err, "address") {
			t.Errorf("Dial %q: %v", address, err)
		}
	}
}

func TestAddress(t *testing.T) {
	for _, c := range []struct{ hub, negotiate, socket string }{
		{"http://h/hubs/a", "http://h/hubs/a/negotiate?negotiateVersion=1", "ws://h/hubs/a?id=t%2B%26"},
		{"https://h:8443/hubs/a/", "https://h:8443/hubs/a/negotiate?negotiateVersion=1", "wss://h:8443/hubs/a?id=t%2B%26"},
		{"https://h/a%2Fb?tenant=x#top", "https://h/a%2Fb/negotiate?tenant=x&negotiateVersion=1", "wss://h/a%2Fb?tenant=x&id=t%2B%26"},
		{"https://h/a%2F", "https://h/a%2F/negotiate?negotiateVersion=1", "wss://h/a%2F?id=t%2B%26"},
		{"http://h", "http://h/negotiate?negotiateVersion=1", "ws://h?id=t%2B%26"},
		{"http://[::1]:80/a b", "http://[::1]:80/a%20b/negotiate?negotiateVersion=1", "ws://[::1]:80/a%20b?id=t%2B%26"},
	} {
		if got, err := client.NegotiateURL(c.hub); err != nil || got != c.negotiate {
			t.Errorf("%s: negotiate at %s, %v", c.hub, got, err)
		}
		if got, err := client.SocketURL(c.hub, "t+&"); err != nil || got != c.socket {
			t.Errorf("%s: WebSocket at %s, %v", c.hub, got, err)
		}
	}
}

func TestRun_oneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		c := hub.newClient(nil)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- c.Run(ctx) }()
		conn := hub.accept()
		if err := c.Run(t.Context()); !says(err, "runs already") {
			t.Errorf("a second Run: %v", err)
		}
		cancel()
		conn.end(io.EOF)
		if err := <-ended; err != nil {
			t.Errorf("Run ends with %v", err)
		}
		if now := c.State(); now != (client.State{Phase: client.Disconnected}) {
			t.Errorf("%+v", now)
		}

		go func() { ended <- c.Run(t.Context()) }() // another may follow
		hub.accept().end(io.EOF)
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Errorf("Run ends with %v", err)
		}
		if err := c.Run(t.Context()); !says(err, "closed") {
			t.Errorf("Run after Close: %v", err)
		}
		c.Close()
	})
}

func TestRun_tokenIsAskedForEachAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		hub.negotiate = func(attempt int) (*client.Response, error) {
			if attempt == 1 {
				return client.NewResponse(401, "", ""), nil
			}
			return nil, nil
		}
		asked := 0
		c := hub.newClient(&client.Options{Token: func(context.Context) (string, error) {
			asked++
			return []string{"", "stale", "", "fresh"}[asked], map[int]error{2: errors.New("no network")}[asked]
		}})
		s := watch(t, c)
		run(t, c)
		hub.accept()
		if len(hub.tokens) != 2 || hub.tokens[0] != "stale" || hub.tokens[1] != "fresh" {
			t.Errorf("tokens %q", hub.tokens)
		}
		for {
			if now := <-s.heard; now.Attempt == 2 && !now.RetryAt.IsZero() {
				if !says(now.Err, "no token for the hub: no network") {
					t.Errorf("%+v", now)
				}
				return
			}
		}
	})
}

func TestDial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if _, err := client.Dial(t.Context(), hubURL, connected.Hub, nil, nil); err == nil {
			t.Error("two Options were taken")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		// There is no network in here that would answer.
		_, err := client.Dial(ctx, "http://127.0.0.1:1/hubs/connected", connected.Hub, &client.Options{
			Token: func(context.Context) (string, error) { return "", errors.New("nobody is logged in") },
		})
		if !errors.Is(err, context.DeadlineExceeded) || !says(err, "nobody is logged in") {
			t.Errorf("Dial: %v", err)
		}
	})
}
