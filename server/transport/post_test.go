package transport_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

func TestPost_toAWebSocket(t *testing.T) {
	s := serve(t, nil)
	q := s.requester("/talk")
	id := "?id=" + q.negotiate()
	c := dialRaw(t, s.addr, "/talk"+id)
	if res := q.do(t.Context(), "POST", id, handshakeJSON); res.status != http.StatusMethodNotAllowed || res.body != "POST requests are not allowed for WebSocket connections." {
		t.Errorf("%v", res)
	}
	c.handshake() // nothing of the body reached it
}

func TestPost_beforeTheConnectionIsOpen(t *testing.T) {
	s := serve(t, nil)
	q := s.requester("/talk")
	if res := q.do(t.Context(), "POST", "?id="+q.negotiate(), handshakeJSON); res.status != http.StatusNotFound {
		t.Errorf("%v", res)
	}
}

func TestPost_oneAfterAnother(t *testing.T) {
	// Bodies that come at once are one stream: none is cut into another.
	s := serve(t, nil)
	p := s.poller("/talk")
	greet(t, p)
	const posts, each = 20, 50
	done := make(chan reply, posts)
	for i := range posts {
		var body strings.Builder
		for j := range each {
			fmt.Fprintf(&body, `{"type":1,"target":"Say","arguments":["%d %d"]}`+"\x1e", i, j)
		}
		go func() { done <- p.do(t.Context(), "POST", p.id, body.String()) }()
	}
	next := make([]int, posts)
	for total := 0; total < posts*each; {
		for _, m := range heardOf(t, p) {
			var i, j int
			if _, err := fmt.Sscanf(m, `{"type":1,"target":"heard","arguments":["%d %d"]}`, &i, &j); err != nil {
				t.Fatalf("%q: %v", m, err)
			}
			if next[i] != j {
				t.Fatalf("of POST %d came message %d, want %d", i, j, next[i])
			}
			next[i]++
			total++
		}
	}
	for range posts {
		if res := await(t, done); res.status != http.StatusOK {
			t.Errorf("%v", res)
		}
	}
}

func TestPost_slowBody(t *testing.T) {
	// As slow as it may be: 240 bytes a second after 15 s. Meanwhile the
	// connection works, and its place for bodies is not taken for ever.
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		p := s.poller("/talk")
		greet(t, p)
		waiting := later(p.poll)
		r, w := io.Pipe()
		done := make(chan reply, 1)
		go func() {
			res, err := p.start(t.Context(), "POST", p.id, r)
			if err != nil {
				done <- reply{err: err}
				return
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			done <- reply{res.StatusCode, res.Header, string(body), err}
		}()
		begun := time.Now()
		stop := make(chan struct{})
		go func() {
			defer w.Close()
			for {
				select {
				case <-stop:
					return
				case <-time.After(time.Second):
				}
				if _, err := w.Write([]byte(" ")); err != nil {
					return
				}
			}
		}()
		res := await(t, done)
		close(stop)
		_ = r.Close()
		if res.err == nil && res.status != http.StatusRequestTimeout {
			t.Errorf("%v", res)
		}
		if waited := time.Since(begun); waited < 15*time.Second || waited > 17*time.Second {
			t.Errorf("answered after %v", waited)
		}
		p.say("\x1e") // the next body goes on where the slow one ended
		if res := await(t, waiting); !strings.Contains(res.body, `"type":7`) {
			t.Errorf("heard %v", res)
		}
	})
}

func TestPost_tooLong(t *testing.T) {
	s := serve(t, &transport.Options{PostLimit: 10_000})
	p := s.poller("/talk")
	greet(t, p)
	one := `{"type":1,"target":"Say","arguments":["` + strings.Repeat("x", 1000) + `"]}` + "\x1e"
	if res := p.do(t.Context(), "POST", p.id, strings.Repeat(one, 12)); res.status != http.StatusRequestEntityTooLarge || !strings.Contains(res.body, "Send less at once") {
		t.Errorf("%v", res)
	}
}

func TestPost_waitsWhileTheQueueIsFull(t *testing.T) {
	s := serve(t, nil, func(o *hub.Options) { o.QueueLimit = 1000 })
	p := s.poller("/talk")
	greet(t, p)
	p.say(`{"type":1,"target":"Wait","arguments":[]}` + "\x1e")
	<-s.begun
	body := strings.Repeat(`{"type":1,"target":"Say","arguments":["x"]}`+"\x1e", 1000)
	first := later(func() reply { return p.do(t.Context(), "POST", p.id, body) })
	second := later(func() reply { return p.do(t.Context(), "POST", p.id, body) })
	for s.host.Stats().BytesIn < 2000 { // some of it has been taken
		select {
		case res := <-first:
			t.Fatalf("a body that nobody can take was answered: %v", res)
		case res := <-second:
			t.Fatalf("a body that nobody can take was answered: %v", res)
		default:
		}
	}
	close(s.goOn)
	for n := 0; n < 2000; {
		n += len(heardOf(t, p))
	}
	for _, done := range []<-chan reply{first, second} {
		if res := await(t, done); res.status != http.StatusOK {
			t.Errorf("%v", res)
		}
	}
}

func TestHostile_bodiesThatWait(t *testing.T) {
	s := serve(t, nil, func(o *hub.Options) { o.QueueLimit = 1000 })
	p := s.events("/talk")
	greet(t, p)
	p.say(`{"type":1,"target":"Wait","arguments":[]}` + "\x1e")
	<-s.begun
	const most, more = 64, 10
	answers := make(chan reply)
	for range most + more {
		go func() {
			answers <- p.do(t.Context(), "POST", p.id, strings.Repeat(`{"type":1,"target":"Wait","arguments":[]}`+"\x1e", 10))
		}()
	}
	for range more {
		if res := await(t, answers); res.status != http.StatusTooManyRequests || !strings.HasPrefix(res.body, "Too many requests of this connection are waiting.") || res.header.Get("Retry-After") == "" {
			t.Errorf("one too many: %v", res)
		}
	}
	close(s.goOn)
	for range most {
		if res := await(t, answers); res.status != http.StatusOK {
			t.Errorf("%v", res)
		}
	}
}

func TestPost_waitsAndTheConnectionEnds(t *testing.T) {
	s := serve(t, nil, func(o *hub.Options) { o.QueueLimit = 1000 })
	p := s.poller("/talk")
	greet(t, p)
	p.say(`{"type":1,"target":"Wait","arguments":[]}` + "\x1e")
	<-s.begun
	body := strings.Repeat(`{"type":1,"target":"Say","arguments":["x"]}`+"\x1e", 1000)
	first := later(func() reply { return p.do(t.Context(), "POST", p.id, body) })
	second := later(func() reply { return p.do(t.Context(), "POST", p.id, body) })
	p.leave()
	for _, done := range []<-chan reply{first, second} {
		if res := await(t, done); res.status != http.StatusNotFound {
			t.Errorf("%v", res)
		}
	}
	close(s.goOn)
	if err := s.awaitGone(); err != nil {
		t.Errorf("OnDisconnect heard %v", err)
	}
}

// A client that breaks its requests off while they wait has no more room than one
// that waits.
func TestHostile_bodiesBrokenOffWhileTheQueueIsFull(t *testing.T) {
	s := serve(t, nil, func(o *hub.Options) { o.QueueLimit = 1000 })
	p := s.events("/talk")
	greet(t, p)
	p.say(`{"type":1,"target":"Wait","arguments":[]}` + "\x1e")
	<-s.begun
	const bodies, each = 20, 40
	body := strings.Repeat(`{"type":1,"target":"Say","arguments":["x"]}`+"\x1e", each)
	head := fmt.Sprintf("POST /talk%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", p.id, len(body))
	for range bodies {
		before := s.host.Stats().BytesIn
		c := dialTCP(t, s.addr)
		c.write([]byte(head + body))
		for s.host.Stats().BytesIn < before+int64(len(body)) { // the one before has been given up, too
			time.Sleep(time.Millisecond)
		}
		_ = c.conn.Close()
	}
	close(s.goOn)
	p.say(`{"type":1,"target":"Say","arguments":["last"]}` + "\x1e")
	taken := 0
	for heardOf(t, p)[0] != heard("last") {
		taken++
	}
	if taken > 2*each { // the first body, and perhaps the last, for which there was room at the end
		t.Errorf("%d messages of %d bodies were taken while the queue was full", taken, bodies)
	}
}

func TestPost_waitsForAsLongAsItTakes(t *testing.T) {
	// The time in which the server takes no more is not the client's.
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil, func(o *hub.Options) { o.QueueLimit = 100 })
		p := s.poller("/talk")
		greet(t, p)
		waiting := later(p.poll)
		p.say(`{"type":1,"target":"Wait","arguments":[]}` + "\x1e")
		<-s.begun
		begun := time.Now()
		time.AfterFunc(time.Minute, func() { close(s.goOn) })
		p.say(strings.Repeat(`{"type":1,"target":"Say","arguments":["x"]}`+"\x1e", 3))
		if waited := time.Since(begun); waited < time.Minute {
			t.Errorf("answered after %v, while nothing was taken", waited)
		}
		if res := await(t, waiting); !strings.HasPrefix(res.body, heard("x")) {
			t.Errorf("heard %v", res)
		}
	})
}

func TestPost_behindASlowOneWhenTheConnectionEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		p := s.poller("/talk")
		greet(t, p)
		r, w := io.Pipe()
		slow := make(chan error, 1)
		go func() {
			res, err := p.start(t.Context(), "POST", p.id, r)
			if err == nil {
				_ = res.Body.Close()
			}
			slow <- err
		}()
		synctest.Wait()
		second := later(func() reply { return p.do(t.Context(), "POST", p.id, "x") })
		synctest.Wait()
		begun := time.Now()
		p.leave()
		if res := await(t, second); res.status != http.StatusNotFound {
			t.Errorf("%v", res)
		}
		if waited := time.Since(begun); waited > 0 {
			t.Errorf("answered after %v", waited)
		}
		_ = w.Close()
		<-slow
	})
}

func TestPost_brokenOff(t *testing.T) {
	s := serve(t, nil)
	p := s.poller("/talk")
	greet(t, p)
	c := dialTCP(t, s.addr)
	half := `{"type":1,"target":"Say","argu`
	before := s.host.Stats().BytesIn
	c.write([]byte("POST /talk" + p.id + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" + half))
	for s.host.Stats().BytesIn < before+int64(len(half)) {
		time.Sleep(time.Millisecond)
	}
	_ = c.conn.Close()
	p.say(`ments":["whole"]}` + "\x1e")
	if got := heardOf(t, p); !slices.Equal(got, []string{heard("whole")}) {
		t.Errorf("heard %q", got)
	}
}
