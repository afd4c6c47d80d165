package transport_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/transport"
)

// uses are the requests by which a connection token is used.
var uses = []struct {
	name, method string
	headers      []string
}{
	{"a WebSocket", "GET", upgradeHeaders},
	{"a stream of events", "GET", []string{"Accept: text/event-stream"}},
	{"a poll", "GET", nil},
	{"a POST", "POST", nil},
	{"a DELETE", "DELETE", nil},
}

func TestHostile_tokens(t *testing.T) {
	// Whatever is wrong with a token, it looks like one that never was.
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		other := s.host.Handler(s.core, "talk", nil)
		s.mux.Handle("/elsewhere", other)
		s.mux.Handle("/elsewhere/negotiate", other)
		q := s.requester("/talk")
		late := q.negotiate()
		time.Sleep(16 * time.Second)
		gone := s.poller("/talk")
		gone.leave()
		live, foreign := s.poller("/talk"), s.poller("/elsewhere")
		token := strings.TrimPrefix(live.id, "?id=")
		good := q.negotiate()
		flipped := []byte(good)
		flipped[5] ^= 1
		for name, id := range map[string]string{
			"forged":                     strings.Repeat("A", len(good)),
			"with one bit changed":       string(flipped),
			"cut short":                  good[:len(good)-1],
			"with more behind":           good + "A",
			"twice":                      good + "," + good,
			"of another address":         s.requester("/elsewhere").negotiate(),
			"of a live one elsewhere":    strings.TrimPrefix(foreign.id, "?id="),
			"late":                       late,
			"of a connection that ended": strings.TrimPrefix(gone.id, "?id="),
			"with line breaks":           url.QueryEscape(good + "\r\nSet-Cookie: a=b"),
			"with a NUL":                 url.QueryEscape(good + "\x00"),
			"a live one in other case":   swapCase(token),
			"of a megabyte":              strings.Repeat("A", 500_000),
		} {
			for _, use := range uses {
				res := q.do(t.Context(), use.method, "?id="+id, "x", use.headers...)
				if res.status != http.StatusNotFound || res.body != "No Connection with that ID" {
					t.Errorf("%s with a token %s: %v", use.name, name, res)
				}
				if res.header.Get("Set-Cookie") != "" {
					t.Errorf("%s with a token %s sets a header", use.name, name)
				}
			}
		}
		// Nothing of that used up or disturbed what is there.
		greet(t, live)
		if res := q.do(t.Context(), "GET", "?id="+good, ""); res.status != http.StatusOK {
			t.Errorf("the good one: %v", res)
		}
		q.do(t.Context(), "DELETE", "?id="+good, "")
	})
}

func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case 'A' <= r && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}, s)
}

func TestHostile_textInEvents(t *testing.T) {
	// CWE-93: what somebody says stays inside the event that says it.
	s := serve(t, nil)
	e := s.events("/talk")
	greet(t, e)
	for _, said := range []string{"a\nb", "a\r\nb", "a\rb", "x\n\nevent: evil\ndata: more", "\u2028\u2029\u0085", "id: 1\nretry: 1"} {
		s.publish(said)
		got := heardOf(t, e)
		if len(got) != 1 || !strings.HasPrefix(got[0], `{"type":1,"target":"heard","arguments":["`) || strings.ContainsAny(got[0], "\r\n") {
			t.Errorf("%q arrived as %q", said, got)
		}
	}
}

func TestHostile_bodies(t *testing.T) {
	s := serve(t, nil)
	stillWell := bystander(s)
	for name, body := range map[string]string{
		"a record without end":        strings.Repeat("x", 200<<10),
		"an empty record":             "\x1e",
		"invalid UTF-8":               "{\"type\":1,\"target\":\"\xff\",\"arguments\":[]}\x1e",
		"nested too deep":             `{"type":1,"target":"Say","arguments":[` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `]}` + "\x1e",
		"a separator inside a string": "{\"type\":1,\"target\":\"a\x1eb\",\"arguments\":[]}\x1e",
	} {
		t.Run(name, func(t *testing.T) {
			for _, open := range []func(*server, string, ...string) talker{ways[1].open, ways[2].open} {
				c := greet(t, open(s, "/talk"))
				sender, id := requesterOf(c)
				if res := sender.do(t.Context(), "POST", id, body); res.status != http.StatusOK && res.status != http.StatusNotFound {
					t.Errorf("POST: %v", res)
				}
				if got := heardOf(t, c); !strings.HasPrefix(got[0], `{"type":7,"error":`) {
					t.Errorf("heard %q", got)
				}
				if rest := c.chunk(); rest != nil {
					t.Errorf("after the end came %q", rest)
				}
				if err := s.awaitGone(); err == nil {
					t.Error("OnDisconnect heard of no error")
				}
			}
			stillWell(t)
		})
	}
}

// requesterOf is what makes c's requests, and the query that names its connection.
func requesterOf(c talker) (*requester, string) {
	switch c := c.(type) {
	case *eventTalker:
		return c.requester, c.id
	case *pollTalker:
		return c.requester, c.id
	}
	panic("a socket makes no requests")
}

func TestHostile_bodyThatIsShorterThanItSays(t *testing.T) {
	s := serve(t, nil)
	p := s.poller("/talk")
	greet(t, p)
	c := dialTCP(t, s.addr)
	c.write([]byte("POST /talk" + p.id + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"))
	if status, _ := c.response(); status != http.StatusBadRequest {
		t.Errorf("status %d", status)
	}
	p.say(`{"type":1,"target":"Say","arguments":["well"]}` + "\x1e")
	if got := heardOf(t, p); !slices.Equal(got, []string{heard("well")}) {
		t.Errorf("heard %q", got)
	}
}

func TestHostile_smuggling(t *testing.T) {
	// Two lengths, or a length and chunks: the HTTP server refuses, or reads one
	// request; never two.
	s := serve(t, nil)
	p := s.poller("/talk")
	greet(t, p)
	inner := fmt.Sprintf("POST /talk%s HTTP/1.1\r\nHost: x\r\nContent-Length: 43\r\n\r\n%s", p.id, `{"type":1,"target":"Say","arguments":[""]}`+"\x1e")
	for _, head := range []string{
		"Content-Length: 5\r\nContent-Length: 6\r\n",
		"Content-Length: 0\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
		"Transfer-Encoding: xchunked\r\n",
		"Content-Length: +5\r\n",
	} {
		c := dialTCP(t, s.addr)
		c.write([]byte("POST /talk/negotiate HTTP/1.1\r\nHost: x\r\n" + head + "\r\n" + inner))
		if status, _ := c.response(); status < 400 {
			t.Errorf("%q: status %d", head, status)
		}
	}
	s.publish("only this")
	if got := heardOf(t, p); !slices.Equal(got, []string{heard("only this")}) {
		t.Errorf("heard %q", got)
	}
}

func TestHostile_manyRefusalsLeaveNothing(t *testing.T) {
	s := serve(t, &transport.Options{HandshakesPerAddress: 2})
	q := s.requester("/talk")
	a, b := s.poller("/talk"), s.poller("/talk")
	for range 20 {
		if res := q.do(t.Context(), "GET", "?id="+q.negotiate(), ""); res.status != http.StatusTooManyRequests || !strings.Contains(res.body, "have not finished their handshake") {
			t.Errorf("a third handshake of one address: %v", res)
		}
	}
	greet(t, a)
	greet(t, b)
	greet(t, s.events("/talk"))
	if got := s.host.Stats(); got.Links != 3 || got.Handshaking != 0 {
		t.Errorf("%d links, %d handshakes", got.Links, got.Handshaking)
	}
}
