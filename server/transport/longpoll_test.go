package transport_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

func TestPoll_headers(t *testing.T) {
	s := serve(t, nil)
	p := s.poller("/talk")
	p.say(handshakeJSON)
	res := p.poll()
	if res.status != http.StatusOK || res.body != "{}\x1e" {
		t.Fatalf("the handshake was answered with %v", res)
	}
	for name, want := range map[string]string{
		"Content-Type":   "application/octet-stream",
		"Content-Length": "3",
		"Cache-Control":  "no-cache, no-store",
		"Pragma":         "no-cache",
		"Expires":        "Thu, 01 Jan 1970 00:00:00 GMT",
	} {
		if got := res.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestPoll_takesAllThatIsThere(t *testing.T) {
	s := serve(t, nil)
	p := s.poller("/talk")
	p.say(handshakeJSON)
	p.poll()
	var want strings.Builder
	for range 2000 { // more than one segment of the queue, and than one write
		s.publish("and this")
		want.WriteString(heard("and this") + "\x1e")
	}
	if res := p.poll(); res.body != want.String() {
		t.Errorf("%d bytes came of %d", len(res.body), want.Len())
	}
}

func TestPoll_timeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		p := s.poller("/talk")
		p.say(handshakeJSON)
		p.poll()
		for range 3 {
			begun := time.Now()
			res := p.poll()
			if res.status != http.StatusOK || res.body != "" || res.header.Get("Content-Length") != "0" {
				t.Errorf("a poll that waited in vain: %v", res)
			}
			if waited := time.Since(begun); waited != 90*time.Second {
				t.Errorf("answered after %v", waited)
			}
			time.Sleep(14 * time.Second)
		}
		s.publish("still here")
		if res := p.poll(); res.body != heard("still here")+"\x1e" {
			t.Errorf("then came %v", res)
		}
	})
}

func TestPoll_noneForTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan transport.Ended, 1)
		s := serveInMemory(t, &transport.Options{Ended: func(e transport.Ended) { ended <- e }})
		p := s.poller("/talk")
		p.say(handshakeJSON)
		p.poll()
		begun := time.Now()
		err := s.awaitGone()
		if waited := time.Since(begun); waited < 15*time.Second || waited > 16*time.Second {
			t.Errorf("gone after %v", waited)
		}
		if !errors.Is(err, transport.ErrNoPoll) {
			t.Errorf("OnDisconnect heard %v", err)
		}
		if e := <-ended; e.Status != transport.EndTimeout {
			t.Errorf("ended as %q", e.Status)
		}
		for _, method := range []string{"GET", "POST", "DELETE"} {
			if res := p.do(t.Context(), method, p.id, "x"); res.status != http.StatusNotFound || res.body != "No Connection with that ID" {
				t.Errorf("%s: %v", method, res)
			}
		}
	})
}

func TestPoll_twoAtOnce(t *testing.T) {
	// The later one stands; the one before is told that it is over.
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		p := s.poller("/talk")
		p.say(handshakeJSON)
		p.poll()
		first := later(p.poll)
		synctest.Wait()
		second := later(p.poll)
		if res := await(t, first); res.status != http.StatusNoContent || res.body != "" {
			t.Errorf("the first of two polls: %v", res)
		}
		synctest.Wait()
		third := later(p.poll)
		if res := await(t, second); res.status != http.StatusNoContent {
			t.Errorf("the second of three polls: %v", res)
		}
		synctest.Wait()
		s.publish("to the last")
		if res := await(t, third); res.body != heard("to the last")+"\x1e" {
			t.Errorf("the last poll: %v", res)
		}
	})
}

func TestPoll_manyAtOnce(t *testing.T) {
	// However they come, each message goes to one of them, and none is lost.
	s := serve(t, nil)
	p := s.poller("/talk")
	p.say(handshakeJSON)
	p.poll()
	const n = 200
	answers := make(chan reply, n)
	for range n {
		go func() { answers <- p.poll() }()
	}
	answer := func() reply {
		select {
		case res := <-answers:
			return res
		case <-time.After(hangGuard):
			t.Fatal("a poll hangs")
			return reply{}
		}
	}
	for range n - 1 { // the last one waits on
		if res := answer(); res.status != http.StatusNoContent {
			t.Errorf("a poll that another came after: %v", res)
		}
	}
	s.publish("once")
	if res := answer(); res.body != heard("once")+"\x1e" {
		t.Errorf("the last poll: %v", res)
	}
}

func TestPoll_deleteWhileOneWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		p := s.poller("/talk")
		p.say(handshakeJSON)
		p.poll()
		waiting := later(p.poll)
		synctest.Wait()
		p.leave()
		if res := await(t, waiting); res.status != http.StatusNoContent {
			t.Errorf("the poll that waited: %v", res)
		}
		if err := s.awaitGone(); err != nil {
			t.Errorf("OnDisconnect heard %v", err)
		}
		if res := p.do(t.Context(), "DELETE", p.id, ""); res.status != http.StatusNotFound {
			t.Errorf("a second DELETE: %v", res)
		}
	})
}

func TestPoll_abortedByItsClient(t *testing.T) {
	// The client may come back in time, and finds what it missed.
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		p := s.poller("/talk")
		p.say(handshakeJSON)
		p.poll()
		ctx, abort := context.WithCancel(t.Context())
		waiting := later(func() reply { return p.do(ctx, "GET", p.id, "") })
		synctest.Wait()
		abort()
		if res := await(t, waiting); !errors.Is(res.err, context.Canceled) {
			t.Errorf("the aborted poll: %v", res)
		}
		synctest.Wait() // a server that has not noticed would answer nobody
		s.publish("meanwhile")
		time.Sleep(14 * time.Second)
		if res := p.poll(); res.body != heard("meanwhile")+"\x1e" {
			t.Errorf("the next poll: %v", res)
		}
		synctest.Wait()
		if got := s.host.Stats().Polls; got != 0 {
			t.Errorf("%d polls wait", got)
		}
	})
}

func TestPoll_endedByTheHub(t *testing.T) {
	// What was said last is fetched, then comes 204, then nobody knows the id.
	s := serve(t, nil)
	p := s.poller("/talk")
	p.say(handshakeJSON)
	p.poll()
	p.say("no JSON\x1e")
	if res := p.poll(); res.status != http.StatusOK || !strings.Contains(res.body, `"type":7`) {
		t.Errorf("the last words: %v", res)
	}
	if res := p.poll(); res.status != http.StatusNoContent || res.body != "" {
		t.Errorf("the end: %v", res)
	}
	if res := p.poll(); res.status != http.StatusNotFound {
		t.Errorf("after the end: %v", res)
	}
}

func TestPoll_endedByTheHubAndNobodyComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		p := s.poller("/talk")
		p.say(handshakeJSON)
		p.poll()
		p.say("no JSON\x1e")
		time.Sleep(6 * time.Second)
		if got := s.host.Stats(); got.Links != 0 {
			t.Errorf("%d links are kept", got.Links)
		}
		if res := p.poll(); res.status != http.StatusNotFound {
			t.Errorf("a late poll: %v", res)
		}
	})
}

func TestPoll_limit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, &transport.Options{PollLimit: 1})
		one, other := s.poller("/talk"), s.poller("/talk")
		waiting := later(one.poll)
		synctest.Wait()
		if res := other.poll(); res.status != http.StatusServiceUnavailable || !strings.Contains(res.body, "Too many clients are polling") || res.header.Get("Retry-After") == "" {
			t.Errorf("one poll too many: %v", res)
		}
		one.leave()
		await(t, waiting)
		other.say(handshakeJSON)
		if res := other.poll(); res.body != "{}\x1e" {
			t.Errorf("once there is room: %v", res)
		}
	})
}

func TestDelete_beforeTheFirstPoll(t *testing.T) {
	s := serve(t, &transport.Options{Authority: front.AuthorityFunc(func(r *http.Request) (hub.Principal, error) {
		return hub.Principal{ID: r.Header.Get("X-Name")}, nil
	})})
	q := s.requester("/talk")
	id := "?id=" + q.negotiate()
	if res := q.do(t.Context(), "DELETE", id, "", "X-Name: mallory"); res.status != http.StatusNotFound {
		t.Errorf("by another user: %v", res)
	}
	if res := q.do(t.Context(), "DELETE", id, ""); res.status != http.StatusBadRequest || res.body != "Cannot terminate this connection using the DELETE endpoint." {
		t.Errorf("%v", res)
	}
	if res := q.do(t.Context(), "GET", id, ""); res.status != http.StatusOK {
		t.Errorf("the first poll after that: %v", res)
	}
	q.do(t.Context(), "DELETE", id, "")
}

func TestPoll_aWriteThatFails(t *testing.T) {
	// What a reply held is lost with it, so the connection is too.
	s := serve(t, &transport.Options{SendTimeout: 100 * time.Millisecond, QueueLimit: 64 << 20})
	p := s.poller("/talk")
	p.say(handshakeJSON)
	p.poll()
	long := strings.Repeat("x", 1<<20)
	for range 32 { // more than the sockets of both ends hold
		s.publish(long)
	}
	c := dialTCP(t, s.addr)
	c.write([]byte("GET /talk" + p.id + " HTTP/1.1\r\nHost: x\r\n\r\n"))
	if err := s.awaitGone(); !errors.Is(err, transport.ErrLost) {
		t.Errorf("OnDisconnect heard %v", err)
	}
}
