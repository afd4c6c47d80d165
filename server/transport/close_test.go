package transport_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// roomy lets no client be too slow, however busy the machine is.
var roomy = &transport.Options{QueueLimit: 1 << 30, SendTimeout: hangGuard, CloseTimeout: hangGuard}

// publisher publishes numbered messages until it is stopped.
func (s *server) publisher() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			if err := hub.Publish(ctx, s.talk.All(), heardEvent, say{fmt.Sprint(i)}); err != nil {
				return
			}
			runtime.Gosched() // with one processor, those who read need it
		}
	})
	return sync.OnceFunc(func() {
		cancel()
		running.Wait()
	})
}

// checkWhole checks that frames hold whole hub messages, in order and without a
// gap, until a Close message at most.
func checkWhole(t *testing.T, frames []rawFrame) (count int) {
	t.Helper()
	first := -1
	for i, f := range frames {
		if f.first != text {
			t.Fatalf("frame %d is %v", i, f)
		}
		for m := range strings.SplitSeq(strings.TrimSuffix(string(f.payload), "\x1e"), "\x1e") {
			if strings.HasPrefix(m, `{"type":7`) && i == len(frames)-1 {
				continue
			}
			digits := strings.TrimSuffix(strings.TrimPrefix(m, `{"type":1,"target":"heard","arguments":["`), `"]}`)
			n, err := strconv.Atoi(strings.TrimRight(digits, "."))
			if err != nil {
				t.Fatalf("frame %d holds %q: %v", i, m, err)
			}
			if first < 0 {
				first = n
			}
			if n != first+count {
				t.Fatalf("after message %d came %d", first+count-1, n)
			}
			count++
		}
	}
	return count
}

func TestClose_byTheClientDuringPublish(t *testing.T) {
	s := serve(t, roomy)
	defer s.publisher()()
	for i := range 50 {
		c := connectRaw(t, s.addr, "/talk")
		c.nextMessages()
		c.send(closeF, closePayload(1000, "enough"))
		frames, end := c.untilClosed()
		if end.code != 1000 || end.reason != "enough" {
			t.Fatalf("round %d: answered with %v", i, end)
		}
		checkWhole(t, frames)
		_ = c.conn.Close()
		if err := s.awaitGone(); err != nil {
			t.Fatalf("round %d: OnDisconnect heard %v", i, err)
		}
	}
}

func TestClose_byTheServerDuringPublish(t *testing.T) {
	for range 3 {
		s := serve(t, roomy)
		stop := s.publisher()
		type result struct {
			frames []rawFrame
			end    closure
			err    error
		}
		results := make(chan result)
		const clients = 8
		for range clients {
			c := connectRaw(t, s.addr, "/talk")
			c.nextMessages()
			go func() {
				var r result
				r.frames, r.end, r.err = c.drain()
				_ = c.conn.Close()
				results <- r
			}()
		}
		if err := s.host.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		stop()
		for range clients {
			r := <-results
			if r.err != nil || r.end.code != 1001 {
				t.Errorf("closed with %v, %v", r.end, r.err)
			}
			checkWhole(t, r.frames)
		}
	}
}

func TestClose_byBothAtOnce(t *testing.T) {
	for range 30 {
		s := serve(t, roomy)
		stop := s.publisher()
		c := connectRaw(t, s.addr, "/talk")
		down := make(chan error, 1)
		go func() { down <- s.host.Shutdown(t.Context()) }()
		c.send(closeF, closePayload(1000, "crossing"))
		frames, end := c.untilClosed()
		if end.code != 1000 && end.code != 1001 {
			t.Errorf("closed with %v", end)
		}
		checkWhole(t, frames)
		_ = c.conn.Close()
		if err := <-down; err != nil {
			t.Error(err)
		}
		stop()
	}
}

func TestClose_whileTheClientSends(t *testing.T) {
	// A server that closed a socket with unread bytes would reset it, and the
	// client might never read the close frame.
	s := serve(t, nil)
	c := connectRaw(t, s.addr, "/talk")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		frame := appendFrame(nil, rawFrame{first: text, masked: true, payload: []byte(strings.Repeat(`{"type":6}`+"\x1e", 100))})
		for {
			if _, err := c.conn.Write(frame); err != nil {
				return
			}
		}
	}()
	down := make(chan error, 1)
	go func() { down <- s.host.Shutdown(t.Context()) }()
	for {
		f := c.next()
		if f.first == closeF {
			break
		}
	}
	if f, err := c.read(); err != io.EOF {
		t.Errorf("after the close frame came %v, %v", f, err)
	}
	_ = c.conn.Close()
	<-ended
	if err := <-down; err != nil {
		t.Error(err)
	}
}

func TestClose_codes(t *testing.T) {
	s := serve(t, nil)
	for _, row := range []struct {
		payload  string
		answer   int
		graceful bool
	}{
		{closePayload(1000, ""), 1000, true},
		{closePayload(1001, "leaving"), 1001, true},
		{"", 1005, true},
		{closePayload(1011, "broken"), 1011, false},
		{closePayload(4001, ""), 4001, false},
		{closePayload(1000, strings.Repeat("r", 123)), 1000, true},
	} {
		c := connectRaw(t, s.addr, "/talk")
		c.send(closeF, row.payload)
		if _, end := c.untilClosed(); end.code != row.answer {
			t.Errorf("%q was answered with %v", row.payload, end)
		}
		_ = c.conn.Close()
		if err := s.awaitGone(); (err == nil) != row.graceful {
			t.Errorf("after %q OnDisconnect heard %v", row.payload, err)
		}
	}
}

func TestClose_byAHubMessage(t *testing.T) {
	s := serve(t, nil)
	c := connectRaw(t, s.addr, "/talk")
	c.send(text, `{"type":7}`+"\x1e")
	c.expectClose(1000, "")
	if err := s.awaitGone(); err != nil {
		t.Errorf("OnDisconnect heard %v", err)
	}
}

func TestShutdown_losesNothingInFlight(t *testing.T) {
	s := serve(t, nil)
	c := connectRaw(t, s.addr, "/talk")
	c.send(text, `{"type":1,"target":"Wait","invocationId":"7","arguments":[]}`+"\x1e")
	<-s.begun
	down := make(chan error, 1)
	go func() { down <- s.host.Shutdown(t.Context()) }()
	// While it drains it takes nobody new, and says when to come back.
	for !s.host.Stopping() {
	}
	for _, path := range []string{"/talk/negotiate", "/talk"} {
		method, headers := "POST", []string(nil)
		if path == "/talk" {
			method, headers = "GET", upgradeHeaders
		}
		res, body := s.do(method, path, headers...)
		if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
			t.Errorf("%s while draining: status %d, %q, %v", path, res.StatusCode, body, res.Header)
		}
	}
	close(s.goOn)
	var got []string
	for _, f := range c.expectClose(1001, "shutting down") {
		got = append(got, strings.TrimSuffix(string(f.payload), "\x1e"))
	}
	want := []string{`{"type":3,"invocationId":"7","result":null}`, `{"type":7,"allowReconnect":true}`}
	if !slices.Equal(got, want) {
		t.Errorf("the caller got %q, want %q", got, want)
	}
	_ = c.conn.Close()
	if err := <-down; err != nil {
		t.Error(err)
	}
}

func TestShutdown_withHandshakesUnderWay(t *testing.T) {
	s := serve(t, nil)
	waiting := dialRaw(t, s.addr, "/talk")
	half := dialRaw(t, s.addr, "/talk")
	half.send(text, handshakeJSON[:5])
	down := make(chan error, 1)
	go func() { down <- s.host.Shutdown(t.Context()) }()
	for _, c := range []*rawClient{waiting, half} {
		if frames := c.expectClose(1001, "shutting down"); len(frames) > 0 {
			t.Errorf("before the close frame came %v", frames)
		}
		_ = c.conn.Close()
	}
	if err := <-down; err != nil {
		t.Error(err)
	}
}

func TestShutdown_cutsWhoDoesNotFollow(t *testing.T) {
	// A call that goes on and a client that reads nothing: the context ends, and
	// so does everything.
	s := serve(t, &transport.Options{CloseTimeout: 100 * time.Millisecond})
	c := connectRaw(t, s.addr, "/talk")
	c.send(text, `{"type":1,"target":"Wait","invocationId":"7","arguments":[]}`+"\x1e")
	<-s.begun
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.host.Shutdown(ctx); err == nil {
		t.Error("shutdown says that all ended well")
	}
	if got := s.host.Stats(); got.Links != 0 {
		t.Errorf("%+v", got)
	}
}

func TestStats_count(t *testing.T) {
	s := serve(t, nil)
	a, b := connectRaw(t, s.addr, "/talk"), connectRaw(t, s.addr, "/talk")
	s.negotiate("1")
	s.do("GET", "/talk?id=unknown", upgradeHeaders...)
	got := s.host.Stats()
	if got.Links != 2 || got.Handshaking != 0 || got.Pending != 1 || got.Negotiations != 1 || got.Refused != 1 || got.BytesIn == 0 || got.BytesOut == 0 {
		t.Errorf("%+v", got)
	}
	a.send(closeF, closePayload(1000, ""))
	a.expectClose(1000, "")
	_ = a.conn.Close()
	b.send(text, "no JSON\x1e")
	b.expectClose(1002, "")
	_ = b.conn.Close()
	c := connectRaw(t, s.addr, "/talk")
	_ = c.conn.(*net.TCPConn).SetLinger(0)
	_ = c.conn.Close()
	s.settle()
	got = s.host.Stats()
	if got.Links != 0 || got.Closes["normal"] != 1 || got.Closes["protocol"] != 1 || got.Closes["lost"] != 1 {
		t.Errorf("%+v", got)
	}
}
