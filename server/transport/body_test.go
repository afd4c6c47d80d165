package transport_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// serveBodies answers POST /body with what ReadBody reads, at most limit bytes,
// after wait.
func serveBodies(s *server, limit int64, wait time.Duration) *requester {
	s.mux.HandleFunc("/body", func(w http.ResponseWriter, r *http.Request) {
		body, ok := s.host.ReadBody(w, r, limit)
		if !ok {
			return
		}
		select {
		case <-time.After(wait):
		case <-r.Context().Done():
			s.t.Error("the client seems to be gone")
		}
		reply := s.host.NewReply(w, r)
		defer reply.End()
		_ = reply.Write(body)
	})
	return s.requester("/body")
}

func TestReadBody(t *testing.T) {
	q := serveBodies(serve(t, nil), 20_000, 0)
	for _, n := range []int{0, 1, 4096, 4097, 20_000} {
		sent := strings.Repeat("x", n)
		if got := q.do(t.Context(), "POST", "", sent); got.status != http.StatusOK || got.body != sent {
			t.Errorf("%d bytes: %v", n, got)
		}
	}
	if got := q.do(t.Context(), "POST", "", strings.Repeat("x", 20_001)); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a byte too many: %v", got)
	}
}

// trickle is a body whose first bytes come at once, and then one each second.
// Over is closed after it was closed.
func trickle(atOnce int) (body io.ReadCloser, over <-chan struct{}) {
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for p := make([]byte, atOnce); ; p = []byte("x") {
			if _, err := w.Write(p); err != nil {
				return
			}
			<-tick.C
		}
	}()
	return r, done
}

func TestReadBody_slow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		q := serveBodies(s.server, 1<<20, 0)
		r, over := trickle(0)
		begun := time.Now()
		res, err := q.start(t.Context(), "POST", "", r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if took := time.Since(begun); res.StatusCode != http.StatusRequestTimeout || took < 15*time.Second || took > 17*time.Second {
			t.Errorf("status %d after %v", res.StatusCode, took)
		}
		_ = r.Close()
		<-over
	})
}

func TestReadBody_thenTheAnswerTakesLong(t *testing.T) {
	// The time for the body is not that for the answer: neither does it end the
	// request, nor do the HTTP server's own times.
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		q := serveBodies(s.server, 1000, 3*time.Minute)
		if got := q.do(t.Context(), "POST", "", "slow"); got.status != http.StatusOK || got.body != "slow" {
			t.Errorf("answered %v", got)
		}
	})
}

func TestReadBody_brokenOff(t *testing.T) {
	s := serve(t, nil)
	answered := make(chan bool, 1)
	s.mux.HandleFunc("/body", func(w http.ResponseWriter, r *http.Request) {
		_, ok := s.host.ReadBody(w, r, 1000)
		answered <- ok
	})
	c := dialTCP(t, s.addr)
	c.write([]byte("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf"))
	_ = c.conn.Close()
	if <-answered {
		t.Error("half a body is a body")
	}
}

func TestHostile_announcedBody(t *testing.T) {
	// What a client announces costs nothing before it arrives.
	s := serve(t, nil)
	answered := make(chan bool, 1)
	s.mux.HandleFunc("/body", func(w http.ResponseWriter, r *http.Request) {
		_, ok := s.host.ReadBody(w, r, 1<<30)
		answered <- ok
	})
	c := dialTCP(t, s.addr)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c.write([]byte("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 536870912\r\n\r\nx"))
	_ = c.conn.Close()
	<-answered
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
		t.Errorf("%d bytes were allocated", grown)
	}
}

func TestHostile_bodiesHeldOpen(t *testing.T) {
	// Long bodies that do not end hold so much memory and no more. Short ones do
	// not notice, and all is well when they are gone.
	const length = 30 << 20
	s := serve(t, nil)
	broken := make(chan struct{}, 3)
	s.mux.HandleFunc("/body", func(w http.ResponseWriter, r *http.Request) {
		if _, ok := s.host.ReadBody(w, r, length); !ok {
			broken <- struct{}{}
		}
	})
	var writing sync.WaitGroup
	var held []*rawClient
	body := make([]byte, length-1)
	for range 3 {
		c := dialTCP(t, s.addr)
		held = append(held, c)
		writing.Go(func() { // what is refused may not be read to its end
			_, _ = fmt.Fprintf(c.conn, "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", length)
			_, _ = c.conn.Write(body)
		})
	}
	<-broken // one of the three is refused
	q := s.requester("/body")
	if got := q.do(t.Context(), "POST", "", strings.Repeat("x", 16<<10)); got.status != http.StatusOK {
		t.Errorf("a short body beside them: %v", got)
	}
	for _, c := range held {
		_ = c.conn.Close()
	}
	writing.Wait()
	<-broken
	<-broken
	if got := q.do(t.Context(), "POST", "", strings.Repeat("x", length)); got.status != http.StatusOK {
		t.Errorf("a long body after them: %v", got)
	}
}

func TestHostile_bodyThatAllButStops(t *testing.T) {
	// Who has sent much at once has no more time for the rest than others.
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		held := make(chan time.Duration, 1)
		s.mux.HandleFunc("/body", func(w http.ResponseWriter, r *http.Request) {
			begun := time.Now()
			if _, ok := s.host.ReadBody(w, r, 1<<20); ok {
				t.Error("it came to an end")
			}
			held <- time.Since(begun)
		})
		r, over := trickle(1<<20 - 4000)
		// The connection may end before its answer was read.
		if res, err := s.requester("/body").start(t.Context(), "POST", "", r); err == nil {
			_ = res.Body.Close()
		}
		if took := <-held; took > 5*time.Minute {
			t.Errorf("it was held for %v", took)
		}
		_ = r.Close()
		<-over
	})
}
