package transport_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// requester makes HTTP requests to a hub, over connections that it keeps.
type requester struct {
	s      *server
	path   string // of the hub
	client *http.Client
}

func (s *server) requester(path string) *requester {
	dial := func(context.Context, string, string) (net.Conn, error) { return s.open() }
	t := &http.Transport{DialContext: dial, MaxIdleConnsPerHost: 16}
	s.t.Cleanup(t.CloseIdleConnections)
	return &requester{s: s, path: path, client: &http.Client{Transport: t}}
}

// reply is an answer that has been read.
type reply struct {
	status int
	header http.Header
	body   string
	err    error
}

func (r reply) String() string { return fmt.Sprintf("status %d, %.200q, %v", r.status, r.body, r.err) }

// do makes a request to the hub's path and what follows it.
func (q *requester) do(ctx context.Context, method, rest, body string, headers ...string) reply {
	res, err := q.start(ctx, method, rest, strings.NewReader(body), headers...)
	if err != nil {
		return reply{err: err}
	}
	defer res.Body.Close()
	all, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, string(all), err}
}

// start makes a request whose answer may go on.
func (q *requester) start(ctx context.Context, method, rest string, body io.Reader, headers ...string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://"+q.s.addr+q.path+rest, body)
	if err != nil {
		return nil, err
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	return q.client.Do(r)
}

// talker is a client of the hub protocol over any transport.
type talker interface {
	// say sends bytes. It may wait for the server to take them.
	say(p string)

	// chunk is what came next, in one piece: nil at the end.
	chunk() []byte

	// leave ends the connection as a client of this transport does.
	leave()
}

// ways are the transports, each with how a client opens a connection to a path,
// without the handshake.
var ways = []struct {
	name string
	open func(s *server, path string, headers ...string) talker
}{
	{"WebSockets", func(s *server, path string, headers ...string) talker {
		conn, err := s.open()
		if err != nil {
			s.t.Fatal(err)
		}
		return &socketTalker{upgradeRaw(s.t, conn, s.addr, path, headers...)}
	}},
	{"ServerSentEvents", func(s *server, path string, headers ...string) talker { return s.events(path, headers...) }},
	{"LongPolling", func(s *server, path string, headers ...string) talker { return s.poller(path, headers...) }},
}

// eachWay runs a test over every transport.
func eachWay(t *testing.T, test func(t *testing.T, open func(s *server, path string, headers ...string) talker)) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) { test(t, way.open) })
	}
}

// greet does the handshake.
func greet(t testing.TB, c talker) talker {
	t.Helper()
	c.say(handshakeJSON)
	if got := c.chunk(); string(got) != "{}\x1e" {
		t.Fatalf("the handshake was answered with %q", got)
	}
	return c
}

// heardOf are the next hub messages.
func heardOf(t testing.TB, c talker) []string {
	t.Helper()
	got := string(c.chunk())
	if !strings.HasSuffix(got, "\x1e") {
		t.Fatalf("a chunk without whole messages: %q", got)
	}
	return strings.Split(strings.TrimSuffix(got, "\x1e"), "\x1e")
}

type socketTalker struct{ c *rawClient }

func (s *socketTalker) say(p string) { s.c.send(text, p) }
func (s *socketTalker) leave()       { s.c.send(closeF, closePayload(1000, "")) }
func (s *socketTalker) chunk() []byte {
	s.c.t.Helper()
	f := s.c.next()
	if f.first == closeF {
		return nil
	}
	return f.payload
}

// eventTalker is a client of server-sent events.
type eventTalker struct {
	*requester
	id      string
	res     *http.Response
	r       *bufio.Reader
	cancel  context.CancelFunc
	comment func() // called for every comment; may be nil
}

// events negotiates and opens a stream of events.
func (s *server) events(path string, headers ...string) *eventTalker {
	s.t.Helper()
	q := s.requester(path)
	e := &eventTalker{requester: q, id: "?id=" + q.negotiate(headers...)}
	var ctx context.Context
	ctx, e.cancel = context.WithCancel(context.Background())
	s.t.Cleanup(e.cancel)
	res, err := q.start(ctx, "GET", e.id, nil, append(headers, "Accept: text/event-stream")...)
	if err != nil {
		s.t.Fatal(err)
	}
	if e.res = res; res.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(res.Body)
		s.t.Fatalf("status %d, %s", res.StatusCode, body)
	}
	s.t.Cleanup(func() { _ = res.Body.Close() })
	e.r = bufio.NewReader(res.Body)
	if line, err := e.r.ReadString('\n'); line != ":\r\n" {
		s.t.Fatalf("the stream begins with %q, %v", line, err)
	}
	return e
}

// negotiate returns a connection token.
func (q *requester) negotiate(headers ...string) string {
	q.s.t.Helper()
	res := q.do(context.Background(), "POST", "/negotiate?negotiateVersion=1", "", headers...)
	_, token, ok := strings.Cut(res.body, `"connectionToken":"`)
	if res.status != http.StatusOK || !ok || len(token) < 22 {
		q.s.t.Fatalf("negotiate: %v", res)
	}
	token, _, _ = strings.Cut(token, `"`)
	return token
}

// post sends a body; it wants status 200 and nothing.
func (q *requester) post(id, p string, headers ...string) {
	res := q.do(context.Background(), "POST", id, p, headers...)
	if res.status != http.StatusOK || res.body != "" || res.header.Get("Content-Type") != "text/plain" {
		q.s.t.Errorf("POST: %v", res)
	}
}

func (e *eventTalker) say(p string) { e.post(e.id, p) }
func (e *eventTalker) leave()       { e.cancel() }

// chunk reads one event, as a browser does.
func (e *eventTalker) chunk() []byte {
	var data []string
	for {
		line, err := e.r.ReadString('\n')
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, context.Canceled) {
				e.s.t.Errorf("the stream of events: %v", err)
			}
			return nil
		}
		line = strings.TrimRight(line, "\r\n")
		value, isData := strings.CutPrefix(line, "data: ")
		switch {
		case isData:
			data = append(data, value)
		case line == "" && data != nil:
			return []byte(strings.Join(data, "\n"))
		case strings.HasPrefix(line, ":") && e.comment != nil:
			e.comment()
		case line != "" && !strings.HasPrefix(line, ":"):
			e.s.t.Errorf("a line of an event: %q", line)
		}
	}
}

// pollTalker is a client that polls.
type pollTalker struct {
	*requester
	id      string
	headers []string
}

// poller negotiates and makes the first poll.
func (s *server) poller(path string, headers ...string) *pollTalker {
	s.t.Helper()
	q := s.requester(path)
	p := &pollTalker{requester: q, id: "?id=" + q.negotiate(headers...), headers: headers}
	s.t.Cleanup(func() { p.do(context.Background(), "DELETE", p.id, "", p.headers...) }) // so that Shutdown need not wait for its polls
	if res := p.poll(); res.status != http.StatusOK || res.body != "" || res.err != nil {
		s.t.Fatalf("the first poll: %v", res)
	}
	return p
}

// poll makes one poll.
func (p *pollTalker) poll() reply {
	return p.do(context.Background(), "GET", p.id, "", p.headers...)
}

func (p *pollTalker) say(b string) { p.post(p.id, b, p.headers...) }

func (p *pollTalker) chunk() []byte {
	for {
		res := p.poll()
		switch {
		case res.err == nil && res.status == http.StatusOK && res.body != "":
			return []byte(res.body)
		case res.err == nil && res.status == http.StatusNoContent:
			return nil
		case res.err != nil || res.status != http.StatusOK:
			p.s.t.Errorf("poll: %v", res)
			return nil
		}
	}
}

func (p *pollTalker) leave() {
	if res := p.do(context.Background(), "DELETE", p.id, "", p.headers...); res.status != http.StatusAccepted || res.body != "" {
		p.s.t.Errorf("DELETE: %v", res)
	}
}

// later makes a request in the background.
func later(f func() reply) <-chan reply {
	done := make(chan reply, 1)
	go func() { done <- f() }()
	return done
}

// await waits for what later makes.
func await(t testing.TB, done <-chan reply) reply {
	t.Helper()
	select {
	case res := <-done:
		return res
	case <-time.After(hangGuard):
		t.Fatal("a request was not answered")
		return reply{}
	}
}
