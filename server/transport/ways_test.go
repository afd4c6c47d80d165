package transport_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

func TestEachWay_talk(t *testing.T) {
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		s := serve(t, nil)
		a, b := greet(t, open(s, "/talk")), greet(t, open(s, "/talk"))
		a.say(`{"type":1,"target":"Say","invocationId":"0","arguments":["hi"]}` + "\x1e")
		got := heardOf(t, a)
		if len(got) == 1 {
			got = append(got, heardOf(t, a)...)
		}
		if want := []string{heard("hi"), `{"type":3,"invocationId":"0","result":null}`}; !slices.Equal(got, want) {
			t.Errorf("the speaker heard %q, want %q", got, want)
		}
		if got, want := heardOf(t, b), []string{heard("hi")}; !slices.Equal(got, want) {
			t.Errorf("the other heard %q, want %q", got, want)
		}
		a.leave()
		if err := s.awaitGone(); err != nil {
			t.Errorf("a client that left in good order is gone with %v", err)
		}
		long := strings.Repeat("x", 300<<10)
		s.publish(long)
		if got := heardOf(t, b); got[0] != heard(long) {
			t.Errorf("a long message did not arrive whole")
		}
	})
}

func TestEachWay_asAByteStream(t *testing.T) {
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		s := serve(t, nil)
		c := open(s, "/talk")
		one := `{"type":1,"target":"Say","arguments":["1"]}` + "\x1e"
		two := `{"type":1,"target":"Say","arguments":["2"]}` + "\x1e"
		c.say(handshakeJSON + one + two[:10])
		c.say(two[10:20])
		c.say(two[20:])
		var got []string
		for len(got) < 3 {
			got = append(got, heardOf(t, c)...)
		}
		if want := []string{"{}", heard("1"), heard("2")}; !slices.Equal(got, want) {
			t.Errorf("heard %q, want %q", got, want)
		}
	})
}

func TestEachWay_handshakeRefused(t *testing.T) {
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		s := serve(t, nil)
		for _, row := range []struct{ sent, answer string }{
			{`{"protocol":"x","version":1}` + "\x1e", "The protocol 'x' is not supported."},
			{`{"protocol":"json","version":3}` + "\x1e", "The server does not support version 3 of the 'json' protocol."},
			{strings.Repeat("x", 5000), "Handshake was canceled."},
			{"hello\x1e", "An unexpected error occurred during connection handshake."},
		} {
			c := open(s, "/talk")
			c.say(row.sent)
			if got, want := string(c.chunk()), `{"error":"`+row.answer+`"}`+"\x1e"; got != want {
				t.Errorf("%.40q was answered with %q, want %q", row.sent, got, want)
			}
			if rest := c.chunk(); rest != nil {
				t.Errorf("after the refusal came %q", rest)
			}
		}
	})
}

func TestEachWay_messagePack(t *testing.T) {
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		s := serve(t, nil)
		c := open(s, "/talk")
		c.say(`{"protocol":"messagepack","version":1}` + "\x1e")
		if _, events := c.(*eventTalker); events {
			want := `{"error":"Cannot use the 'messagepack' protocol on the current transport. The transport does not support 'Binary' transfer format."}` + "\x1e"
			if got := string(c.chunk()); got != want {
				t.Errorf("answered %q", got)
			}
			return
		}
		if got := string(c.chunk()); got != "{}\x1e" {
			t.Fatalf("answered %q", got)
		}
		c.say("\x0e\x96\x01\x80\xa10\xa3Say\x91\xa2hi\x90") // an invocation, with its length before it
		want := "\x0f\x96\x01\x80\xc0\xa5heard\x91\xa2hi\x90" + "\x07\x95\x03\x80\xa10\x03\xc0"
		var got string
		for len(got) < len(want) {
			got += string(c.chunk())
		}
		if got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
	})
}

func TestEachWay_badMessage(t *testing.T) {
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		s := serve(t, nil)
		c := greet(t, open(s, "/talk"))
		c.say("hello\x1e")
		if got := heardOf(t, c); !slices.Equal(got, []string{`{"type":7,"error":"Connection closed with an error."}`}) {
			t.Errorf("heard %q", got)
		}
		if rest := c.chunk(); rest != nil {
			t.Errorf("after the end came %q", rest)
		}
		if err := s.awaitGone(); err == nil {
			t.Error("OnDisconnect heard of no error")
		}
	})
}

func TestEachWay_handshakeTimeout(t *testing.T) {
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		synctest.Test(t, func(t *testing.T) {
			s := serveInMemory(t, nil)
			c := open(s.server, "/talk")
			begun := time.Now()
			if got := string(c.chunk()); got != `{"error":"Handshake was canceled."}`+"\x1e" {
				t.Errorf("heard %q", got)
			}
			if waited := time.Since(begun); waited < 14*time.Second || waited > 16*time.Second {
				t.Errorf("after %v", waited)
			}
			if rest := c.chunk(); rest != nil {
				t.Errorf("after the end came %q", rest)
			}
			if socket, ok := c.(*socketTalker); ok {
				_ = socket.c.conn.Close()
			}
			synctest.Wait() // for the link to end
			if got := s.host.Stats(); got.Handshaking != 0 {
				t.Errorf("%d handshakes are pending", got.Handshaking)
			}
		})
	})
}

func TestEachWay_keepAlive(t *testing.T) {
	// A client is pinged where silence could mean that it is gone: not where it
	// polls.
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		synctest.Test(t, func(t *testing.T) {
			s := serveInMemory(t, nil)
			c := greet(t, open(s.server, "/talk"))
			if socket, ok := c.(*socketTalker); ok {
				_ = socket.c.conn.SetDeadline(time.Now().Add(time.Hour)) // of the bubble
			}
			time.AfterFunc(70*time.Second, func() { s.publish("at last") })
			pings := 0
			for got := heardOf(t, c); got[0] != heard("at last"); got = heardOf(t, c) {
				if got[0] != `{"type":6}` {
					t.Fatalf("heard %q", got)
				}
				pings++
			}
			_, polls := c.(*pollTalker)
			if want := map[bool]int{true: 0, false: 4}[polls]; pings != want {
				t.Errorf("pinged %d times in 70 s, want %d", pings, want)
			}
			c.leave()
			if socket, ok := c.(*socketTalker); ok {
				for f := socket.c.next(); f.first != closeF; f = socket.c.next() {
				}
				_ = socket.c.conn.Close()
			}
		})
	})
}

func TestEachWay_shutdown(t *testing.T) {
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		s := serve(t, nil)
		c := greet(t, open(s, "/talk"))
		down := make(chan error, 1)
		go func() { down <- s.host.Shutdown(t.Context()) }()
		if got := heardOf(t, c); got[0] != `{"type":7,"allowReconnect":true}` {
			t.Errorf("heard %q", got)
		}
		if rest := c.chunk(); rest != nil {
			t.Errorf("after the end came %q", rest)
		}
		if socket, ok := c.(*socketTalker); ok {
			_ = socket.c.conn.Close()
		}
		if err := <-down; err != nil {
			t.Error(err)
		}
	})
}

func TestEachWay_ended(t *testing.T) {
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		ended := make(chan transport.Ended, 4)
		s := serve(t, &transport.Options{Ended: func(e transport.Ended) { ended <- e }})
		c := greet(t, open(s, "/talk"))
		if open := s.host.Stats().Open; open[front.WebSockets]+open[front.ServerSentEvents]+open[front.LongPolling] != 1 {
			t.Errorf("open: %v", open)
		}
		c.leave()
		if socket, ok := c.(*socketTalker); ok {
			socket.c.expectClose(1000, "")
			_ = socket.c.conn.Close()
		}
		select {
		case e := <-ended:
			if name := strings.TrimPrefix(t.Name(), "TestEachWay_ended/"); e.Hub != "talk" || e.Transport.String() != name || e.Status != transport.EndNormal {
				t.Errorf("ended: %+v", e)
			}
		case <-time.After(hangGuard):
			t.Fatal("nobody was told")
		}
		if links := s.host.Stats().Links; links != 0 {
			t.Errorf("%d links are open", links)
		}
	})
}

func TestEachWay_ofAnotherUser(t *testing.T) {
	// A secret that leaks is of no use to another user, for whatever request,
	// and looks like one that never was.
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		s := serve(t, &transport.Options{Authority: front.AuthorityFunc(func(r *http.Request) (hub.Principal, error) {
			switch name := front.BearerToken(r); name {
			case "":
				return hub.Principal{}, errors.New("no token")
			case "mallory":
				return hub.Principal{}, front.ErrForbidden
			default:
				return hub.Principal{ID: name}, nil
			}
		})})
		c := open(s, "/talk", "Authorization: Bearer ann")
		var id string
		switch c := c.(type) {
		case *socketTalker:
			return // its one request is TestConnect_tokenOfAnotherUser's
		case *eventTalker:
			id = c.id
		case *pollTalker:
			id = c.id
		}
		q := s.requester("/talk")
		for _, method := range []string{"GET", "POST", "DELETE"} {
			for who, want := range map[string]reply{
				"Bearer bob":     {status: 404, body: "No Connection with that ID"},
				"Bearer mallory": {status: 403},
				"Basic ann":      {status: 401},
			} {
				res := q.do(t.Context(), method, id, handshakeJSON, "Authorization: "+who)
				if res.status != want.status || res.body != want.body {
					t.Errorf("%s as %s: %v, want %v", method, who, res, want)
				}
			}
			res := q.do(t.Context(), method, id, handshakeJSON)
			if res.status != http.StatusUnauthorized || res.body != "" || res.header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%s as nobody: %v", method, res)
			}
		}
		// It is still ann's.
		q.post(id, handshakeJSON, "Authorization: Bearer ann")
		if got := string(c.chunk()); got != "{}\x1e" {
			t.Errorf("ann heard %q", got)
		}
	})
}
