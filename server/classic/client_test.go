package classic_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// envelope is what a client hears at once.
type envelope struct {
	C, G, E string
	S, T, L int
	M       []json.RawMessage
	I       string // not empty: it is the result of a call, and not an envelope
	text    string
}

// client speaks the protocol as SignalR's JavaScript does, link by link.
type client struct {
	t       testing.TB
	http    *http.Client
	kind    string // webSockets, serverSentEvents or longPolling
	version string
	hubs    []string
	token   string
	id      string
	cursor  string
	groups  string
	calls   int
	results []string // of calls, as they came
	link    way
}

var ways = []string{"webSockets", "serverSentEvents", "longPolling"}

// eachWay runs f with each transport.
func eachWay(t *testing.T, f func(t *testing.T, way string)) {
	for _, way := range ways {
		t.Run(way, func(t *testing.T) { f(t, way) })
	}
}

// negotiated is a client that has its token.
func (s *served) negotiated(way string, hubs ...string) *client {
	s.t.Helper()
	c := &client{t: s.t, http: s.http(), kind: way, version: "2.1", hubs: hubs}
	var reply struct{ ConnectionToken, ConnectionId string }
	body := c.get("negotiate", nil)
	if err := json.Unmarshal([]byte(body), &reply); err != nil {
		s.t.Fatalf("negotiate: %v in %s", err, body)
	}
	c.token, c.id = reply.ConnectionToken, reply.ConnectionId
	return c
}

// connected is a client that has connected and started.
func (s *served) connected(way string, hubs ...string) *client {
	s.t.Helper()
	c := s.negotiated(way, hubs...)
	c.connect()
	c.start()
	s.t.Cleanup(c.cut)
	return c
}

// address is where a request goes.
func (c *client) address(action string, query url.Values) string {
	q := url.Values{"clientProtocol": {c.version}}
	if c.token != "" {
		q.Set("transport", c.kind)
		q.Set("connectionToken", c.token)
	}
	if c.hubs != nil {
		list := []map[string]string{}
		for _, name := range c.hubs {
			list = append(list, map[string]string{"name": strings.ToLower(name)})
		}
		data, _ := json.Marshal(list)
		q.Set("connectionData", string(data))
	}
	maps.Copy(q, query)
	return "http://memory/signalr/" + action + "?" + q.Encode()
}

// do makes a request and returns its reply.
func (c *client) do(ctx context.Context, method, action string, query, form url.Values) (status int, body string, err error) {
	var from io.Reader
	if form != nil {
		from = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(ctx, method, c.address(action, query), from)
	if err != nil {
		return 0, "", err
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	}
	reply, err := c.http.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer reply.Body.Close()
	b, err := io.ReadAll(reply.Body)
	return reply.StatusCode, string(b), err
}

func (c *client) get(action string, query url.Values) string {
	c.t.Helper()
	return c.ok(c.do(c.t.Context(), http.MethodGet, action, query, nil))
}

func (c *client) post(action string, form url.Values) string {
	c.t.Helper()
	return c.ok(c.do(c.t.Context(), http.MethodPost, action, nil, form))
}

func (c *client) ok(status int, body string, err error) string {
	c.t.Helper()
	if err != nil || status != http.StatusOK {
		c.t.Fatalf("%d %s %v", status, body, err)
	}
	return body
}

// open makes a link by connect or reconnect.
func (c *client) open(action string) error {
	query := url.Values{}
	if c.groups != "" {
		query.Set("groupsToken", c.groups)
	}
	if c.cursor != "" && action != "connect" {
		query.Set("messageId", c.cursor)
	}
	ctx, cancel := context.WithCancel(context.Background())
	switch c.kind {
	case "webSockets":
		conn, _, err := websocket.Dial(ctx, c.address(action, query), &websocket.DialOptions{HTTPClient: c.http})
		if err != nil {
			cancel()
			return err
		}
		conn.SetReadLimit(16 << 20)
		c.link = &socketWire{conn, cancel}
	case "serverSentEvents":
		r, _ := http.NewRequestWithContext(ctx, http.MethodGet, c.address(action, query), nil)
		reply, err := c.http.Do(r)
		if err != nil || reply.StatusCode != http.StatusOK {
			cancel()
			return errors.Join(err, fmt.Errorf("%v", reply))
		}
		lines := bufio.NewReader(reply.Body)
		if first, err := lines.ReadString('\n'); err != nil || strings.TrimSpace(first) != "data: initialized" {
			cancel()
			return fmt.Errorf("the stream began with %q: %w", first, err)
		}
		c.link = &eventWire{c, reply.Body, lines, cancel}
	default:
		cancel()
		c.link = &pollWire{client: c, action: action}
	}
	return nil
}

// connect opens the first link and waits for its first word.
func (c *client) connect() {
	c.t.Helper()
	if err := c.open("connect"); err != nil {
		c.t.Fatal(err)
	}
	if first := c.next(); first.S != 1 || first.M == nil {
		c.t.Fatalf("the first word was %s", first.text)
	}
}

func (c *client) reconnect() {
	c.t.Helper()
	if err := c.open("reconnect"); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) start() {
	c.t.Helper()
	if got := c.get("start", nil); got != `{ "Response": "started" }` {
		c.t.Fatalf("start: %s", got)
	}
}

// receive is the next that comes, but for keep-alives.
func (c *client) receive(ctx context.Context) (e envelope, err error) {
	for {
		text, err := c.link.next(ctx)
		if err != nil {
			return e, err
		}
		if text == "{}" {
			continue
		}
		if strings.HasPrefix(text, `{"I":`) {
			return envelope{I: "result", text: text}, nil
		}
		e = envelope{text: text}
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			return e, fmt.Errorf("%w in %s", err, text)
		}
		if e.C != "" {
			c.cursor = e.C
		}
		if e.G != "" {
			c.groups = e.G
		}
		return e, nil
	}
}

// next is the next envelope. Results of calls are kept for result.
func (c *client) next() envelope {
	c.t.Helper()
	for {
		e, err := c.receive(c.t.Context())
		if err != nil {
			c.t.Fatal(err)
		}
		if e.I == "" {
			return e
		}
		c.results = append(c.results, e.text)
	}
}

// items are the next n things that come in envelopes.
func (c *client) items(n int) (all []string) {
	c.t.Helper()
	for len(all) < n {
		for _, item := range c.next().M {
			all = append(all, string(item))
		}
	}
	return all
}

// expect wants the next items to be these.
func (c *client) expect(want ...string) {
	c.t.Helper()
	got := c.items(len(want))
	for i := range want {
		if got[i] != want[i] {
			c.t.Fatalf("over %s came %s, want %s", c.kind, got[i], want[i])
		}
	}
	if len(got) > len(want) {
		c.t.Fatalf("over %s came %d more: %s", c.kind, len(got)-len(want), got[len(want):])
	}
}

// call calls a method of the chat, and returns its result.
func (c *client) call(method string, arguments ...any) string {
	c.t.Helper()
	return c.say(c.invocation("chatHub", method, arguments...))
}

func (c *client) invocation(hubName, method string, arguments ...any) string {
	if arguments == nil {
		arguments = []any{}
	}
	b, _ := json.Marshal(map[string]any{"H": hubName, "M": method, "A": arguments, "I": c.calls})
	c.calls++
	return string(b)
}

// say sends a call and returns its result.
func (c *client) say(message string) string {
	c.t.Helper()
	if err := c.link.send(c.t.Context(), message); err != nil {
		c.t.Fatal(err)
	}
	if c.kind != "webSockets" {
		last := len(c.results) - 1
		result := c.results[last]
		c.results = c.results[:last]
		return result
	}
	if len(c.results) > 0 {
		result := c.results[0]
		c.results = c.results[1:]
		return result
	}
	return ""
}

func (c *client) cut() {
	if c.link != nil {
		c.link.cut()
		c.link = nil
	}
}
