package transport_test

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/transport"
)

func TestEvents_headers(t *testing.T) {
	s := serve(t, nil)
	e := s.events("/talk")
	for name, want := range map[string]string{
		"Content-Type":      "text/event-stream",
		"Cache-Control":     "no-cache,no-store",
		"Pragma":            "no-cache",
		"Content-Encoding":  "identity",
		"X-Accel-Buffering": "no",
		"Content-Length":    "",
	} {
		if got := e.res.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestEvents_onTheWire(t *testing.T) {
	s := serve(t, nil)
	e := s.events("/talk")
	e.say(handshakeJSON)
	s.publish("hi")
	want := "data: {}\x1e\r\n\r\ndata: " + heard("hi") + "\x1e\r\n\r\n"
	got := make([]byte, len(want))
	if _, err := io.ReadFull(e.r, got); err != nil || string(got) != want {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
}

func TestEvents_secondReceiver(t *testing.T) {
	s := serve(t, nil)
	e := s.events("/talk")
	if res := e.do(t.Context(), "GET", e.id, "", "Accept: text/event-stream"); res.status != http.StatusConflict {
		t.Errorf("a second stream: %v", res)
	}
	if res := e.do(t.Context(), "GET", e.id, ""); res.status != http.StatusBadRequest || res.body != "Cannot change transports mid-connection" {
		t.Errorf("a poll: %v", res)
	}
	if res := e.do(t.Context(), "GET", e.id, "", upgradeHeaders...); res.status != http.StatusBadRequest || res.body != "Cannot change transports mid-connection" {
		t.Errorf("an upgrade: %v", res)
	}
	if res := e.do(t.Context(), "DELETE", e.id, ""); res.status != http.StatusBadRequest || res.body != "Cannot terminate this connection using the DELETE endpoint." {
		t.Errorf("DELETE: %v", res)
	}
	greet(t, e) // and nothing of that disturbed it
}

func TestEvents_secretDiesWithTheStream(t *testing.T) {
	s := serve(t, nil)
	e := s.events("/talk")
	greet(t, e)
	e.leave()
	if err := s.awaitGone(); err != nil {
		t.Errorf("OnDisconnect heard %v", err)
	}
	s.settle()
	for _, method := range []string{"GET", "POST"} {
		if res := e.do(t.Context(), method, e.id, "", "Accept: text/event-stream"); res.status != http.StatusNotFound {
			t.Errorf("%s: %v", method, res)
		}
	}
}

// A client may be sending while the hub turns it away. It hears of that, and not
// that there is no such connection, also when it has dropped its request already.
func TestEvents_sendingWhileTheHubCloses(t *testing.T) {
	s := serve(t, nil)
	e := s.events("/talk")
	greet(t, e)
	e.say("nonsense\x1e")
	if got, want := heardOf(t, e), []string{`{"type":7,"error":"Connection closed with an error."}`}; !slices.Equal(got, want) {
		t.Errorf("heard %q, want %q", got, want)
	}
	e.leave()
	e.say(`{"type":6}` + "\x1e")
	s.settle()
	if res := e.do(t.Context(), "POST", e.id, ""); res.status != http.StatusNotFound {
		t.Errorf("a POST after the end: %v", res)
	}
}

func TestEvents_outliveTheServersTimes(t *testing.T) {
	// The times that an HTTP server has for files are not those of a stream.
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		e, p := s.events("/talk"), s.poller("/talk")
		greet(t, e)
		greet(t, p)
		waiting := later(p.poll)
		time.AfterFunc(80*time.Second, func() { s.publish("late") })
		for got := heardOf(t, e); got[0] != heard("late"); got = heardOf(t, e) {
			if got[0] != `{"type":6}` {
				t.Fatalf("heard %q", got)
			}
		}
		if res := await(t, waiting); res.body != heard("late")+"\x1e" {
			t.Errorf("the poll: %v", res)
		}
	})
}

func TestEvents_slowReader(t *testing.T) {
	s := serve(t, &transport.Options{SendTimeout: 100 * time.Millisecond, QueueLimit: 64 << 20})
	q := s.requester("/talk")
	id := "?id=" + q.negotiate()
	c := dialTCP(t, s.addr)
	c.write([]byte("GET /talk" + id + " HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"))
	if status, _ := c.response(); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	q.post(id, handshakeJSON)
	long := strings.Repeat("x", 1<<20)
	for range 32 {
		s.publish(long)
	}
	if err := s.awaitGone(); !errors.Is(err, transport.ErrLost) {
		t.Errorf("OnDisconnect heard %v", err)
	}
}

func TestEvents_overflow(t *testing.T) {
	s := serve(t, &transport.Options{QueueLimit: 1 << 20, SendTimeout: time.Hour, CloseTimeout: 100 * time.Millisecond})
	q := s.requester("/talk")
	id := "?id=" + q.negotiate()
	c := dialTCP(t, s.addr)
	c.write([]byte("GET /talk" + id + " HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"))
	c.response()
	q.post(id, handshakeJSON)
	other := greet(t, s.poller("/talk"))
	long := strings.Repeat("x", 256<<10)
	for len(s.gone) == 0 {
		s.publish(long)
		if got := heardOf(t, other); got[0] != heard(long) {
			t.Fatal("somebody else noticed")
		}
	}
	if got := s.core.Stats().Overflows; got != 1 {
		t.Errorf("%d overflows", got)
	}
	other.leave()
	s.settle() // whoever is closed has the time of a close to read the rest
}

// parseEvents reads a stream as a browser does (HTML, section 9.2.6): lines end
// with CR, LF or both, and an empty line ends an event.
func parseEvents(stream string) (data []string, other []string) {
	stream = strings.ReplaceAll(strings.ReplaceAll(stream, "\r\n", "\n"), "\r", "\n")
	var lines []string
	for line := range strings.SplitSeq(stream, "\n") {
		value, isData := strings.CutPrefix(line, "data:")
		switch {
		case isData:
			lines = append(lines, strings.TrimPrefix(value, " "))
		case line == "" && lines != nil:
			data = append(data, strings.Join(lines, "\n"))
			lines = nil
		case line != "":
			other = append(other, line)
		}
	}
	if lines != nil {
		other = append(other, "an event without its end")
	}
	return data, other
}

func TestEvent_injection(t *testing.T) {
	// CWE-93: no payload ends its field and writes others.
	for payload, want := range map[string]string{
		"hi":                        "data: hi\r\n\r\n",
		"":                          "\r\n",
		"a\nb":                      "data: a\r\ndata: b\r\n\r\n",
		"a\r\nb":                    "data: a\r\ndata: b\r\n\r\n",
		"a\rb":                      "data: a\r\ndata: b\r\n\r\n",
		"a\n":                       "data: a\r\ndata: \r\n\r\n",
		"x\n\nevent: evil\nid: 1\n": "data: x\r\ndata: \r\n" + "data: event: evil\r\ndata: id: 1\r\ndata: \r\n\r\n",
		"x\rretry: 1":               "data: x\r\ndata: retry: 1\r\n\r\n",
	} {
		if got := transport.Event(payload); got != want {
			t.Errorf("%q became %q, want %q", payload, got, want)
		}
	}
}

func FuzzEvent(f *testing.F) {
	for _, s := range []string{"", "hi", "a\nb", "a\r\nb", "\r", "\n\r", "x\n\nevent: evil", "data: x", ": comment", "\r\r\n\n", strings.Repeat("ab\n", 50)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, payload string) {
		data, other := parseEvents(transport.Event(payload))
		want := strings.ReplaceAll(strings.ReplaceAll(payload, "\r\n", "\n"), "\r", "\n")
		if payload == "" {
			if data != nil || other != nil {
				t.Fatalf("nothing became %q, %q", data, other)
			}
			return
		}
		if len(data) != 1 || data[0] != want || other != nil {
			t.Fatalf("%q became %q, %q", payload, data, other)
		}
	})
}

func TestEvents_abandonedStreamGivesItsPlaceBack(t *testing.T) {
	s := serve(t, nil)
	q := s.requester("/talk")
	id := "?id=" + q.negotiate()
	c := dialTCP(t, s.addr)
	c.write([]byte("GET /talk" + id + " HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"))
	c.response()
	if line, err := bufio.NewReader(c.r).ReadString('\n'); err != nil {
		t.Fatal(line, err)
	}
	_ = c.conn.Close() // before its handshake
	s.settle()
	if got := s.host.Stats(); got.Links != 0 || got.Handshaking != 0 {
		t.Errorf("%d links, %d handshakes", got.Links, got.Handshaking)
	}
}
