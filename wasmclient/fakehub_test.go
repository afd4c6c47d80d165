package client_test

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"partline.dev/shared/connected"
	"partline.dev/shared/wire"
	client "partline.dev/wasmclient"
)

const hubURL = "http://hub.example/hubs/connected"

// guard ends a test that waits for what never comes. In a bubble of
// testing/synctest it costs no time.
const guard = 10 * time.Minute

// fakeHub is a scripted hub without a network.
type fakeHub struct {
	t     *testing.T
	conns chan *fakeConn

	mu        sync.Mutex // protects following
	negotiate func(attempt int) (*client.Reply, error)
	asked     int
	tokens    []string
	handshake string // what it answers; empty: nothing at all
}

func newFakeHub(t *testing.T) *fakeHub {
	return &fakeHub{t: t, conns: make(chan *fakeConn, 100), handshake: "{}\x1e"}
}

// newClient is a client of h with nothing but these options.
func (h *fakeHub) newClient(o *client.Options) *client.Client {
	c := client.New(hubURL, connected.Hub, o)
	c.Use(h)
	return c
}

// run runs c until the test ends.
func run(t *testing.T, c *client.Client) (ended <-chan error) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- c.Run(context.Background()) }()
	t.Cleanup(func() { c.Close() })
	return done
}

func (h *fakeHub) Post(_ context.Context, to *url.URL, token string) (*client.Reply, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked++
	h.tokens = append(h.tokens, token)
	if h.negotiate != nil {
		if r, err := h.negotiate(h.asked); r != nil || err != nil {
			return r, err
		}
	}
	if to.String() != hubURL+"/negotiate?negotiateVersion=1" {
		h.t.Errorf("negotiate at %s", to)
	}
	return negotiated("token" + strconv.Itoa(h.asked)), nil
}

func negotiated(token string) *client.Reply {
	return client.NewReply(200, "application/json", `{"negotiateVersion":1,"connectionId":"id","connectionToken":"`+token+
		`","availableTransports":[{"transport":"WebSockets","transferFormats":["Text","Binary"]}]}`)
}

func (h *fakeHub) Dial(_ context.Context, to *url.URL, _ string) (client.Link, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if want := "ws://hub.example/hubs/connected?id=token" + strconv.Itoa(h.asked); to.String() != want {
		h.t.Errorf("dialled %s, not %s", to, want)
	}
	return fakeLink{&fakeConn{
		t: h.t, hub: h, toClient: make(chan []byte), toHub: make(chan []byte, 1000),
		closed: make(chan struct{}), ended: make(chan struct{}),
	}}, nil
}

func (h *fakeHub) Close() {}

// accept is the next connection, after its handshake and first ping.
func (h *fakeHub) accept() *fakeConn {
	h.t.Helper()
	select {
	case conn := <-h.conns:
		if m := conn.next(); m.Kind != wire.Ping {
			h.t.Fatalf("the first message is %+v, not a ping", m)
		}
		return conn
	case <-time.After(guard):
		h.t.Fatal("no connection")
		return nil
	}
}

// fakeConn is the hub's end of a link.
type fakeConn struct {
	t        *testing.T
	hub      *fakeHub
	toClient chan []byte   // without room: a piece that is sent is read
	toHub    chan []byte   // what the client wrote, a piece a time
	closed   chan struct{} // closed by the client
	closing  sync.Once
	ended    chan struct{} // closed by the hub
	endErr   error

	shaken   bool   // the client has asked for the handshake; the client's
	reading  []byte // the rest of a piece; the client's
	received []byte // what next has not looked at yet; the hub's
}

// fakeLink is the client's end.
type fakeLink struct{ *fakeConn }

func (l fakeLink) Read(p []byte) (int, error) {
	if len(l.reading) == 0 {
		select {
		case l.reading = <-l.toClient:
		case <-l.ended:
			return 0, l.endErr
		case <-l.closed:
			return 0, client.ErrClosedHere
		}
	}
	n := copy(p, l.reading)
	l.reading = l.reading[n:]
	return n, nil
}

func (l fakeLink) Write(p []byte) error {
	if !l.shaken {
		l.shaken = true
		return l.shake(string(p))
	}
	select {
	case <-l.ended:
		return errors.New("ended")
	default:
	}
	select {
	case l.toHub <- append([]byte(nil), p...):
		return nil
	case <-l.closed:
		return client.ErrClosedHere
	}
}

// shake answers the handshake, before Read is called, and shows the connection
// to the test.
func (l fakeLink) shake(asked string) error {
	if want := `{"protocol":"json","version":1}` + "\x1e"; asked != want {
		l.t.Errorf("the client asks for %q", asked)
	}
	l.reading = []byte(l.hub.handshake)
	l.hub.conns <- l.fakeConn
	return nil
}

func (l fakeLink) Close() { l.closing.Do(func() { close(l.closed) }) }

// send sends a piece of the stream, as soon as the client reads.
func (c *fakeConn) send(text string) {
	c.t.Helper()
	if !c.trySend(text) {
		c.t.Fatalf("the client does not read %.100q", text)
	}
}

// trySend reports whether the client has read it.
func (c *fakeConn) trySend(text string) bool {
	select {
	case c.toClient <- []byte(text):
		return true
	case <-c.closed:
		return false
	case <-time.After(guard):
		return false
	}
}

// sendEvent sends broadcastMessage.
func (c *fakeConn) sendEvent(name, message string) {
	c.t.Helper()
	c.send(eventText(name, message))
}

func eventText(name, message string) string {
	return `{"type":1,"target":"broadcastMessage","arguments":["` + name + `","` + message + `"]}` + "\x1e"
}

// end ends the link, as a network does or a hub that has gone.
func (c *fakeConn) end(err error) {
	c.endErr = err
	close(c.ended)
}

// next is the next message of the client's.
func (c *fakeConn) next() *wire.Message {
	c.t.Helper()
	for {
		msg, rest, err := wire.JSON.Split(c.received, 1<<20)
		if err != nil {
			c.t.Fatal(err)
		}
		if msg != nil {
			m := new(wire.Message)
			if err := wire.JSON.Decode(msg, m); err != nil {
				c.t.Fatalf("the client sent %q: %v", msg, err)
			}
			c.received = rest
			return m
		}
		select {
		case p := <-c.toHub:
			c.received = append(c.received, p...)
		case <-time.After(guard):
			c.t.Fatal("the client sends nothing")
		}
	}
}

// nextOf is the next message that is no ping.
func (c *fakeConn) nextOf(kind wire.Kind) *wire.Message {
	c.t.Helper()
	for {
		m := c.next()
		if m.Kind == kind {
			return m
		}
		if m.Kind != wire.Ping {
			c.t.Fatalf("the client sent %+v, not one of kind %d", m, kind)
		}
	}
}

// answerCall answers the next call with null.
func (c *fakeConn) answerCall() *wire.Message {
	c.t.Helper()
	m := c.nextOf(wire.Invocation)
	c.send(`{"type":3,"invocationId":"` + string(m.InvocationID) + `","result":null}` + "\x1e")
	return m
}

// states collects what a watcher hears.
type states struct{ heard chan client.State }

func watch(t *testing.T, c *client.Client) *states {
	s := &states{heard: make(chan client.State, 1000)}
	t.Cleanup(c.Watch(func(now client.State) { s.heard <- now }))
	return s
}

// await is the next state that is in phase, and not waiting for another try.
func (s *states) await(t *testing.T, phase client.Phase) client.State {
	t.Helper()
	for {
		select {
		case now := <-s.heard:
			if now.Phase == phase {
				return now
			}
		case <-time.After(guard):
			t.Fatalf("the client is never %v", phase)
		}
	}
}

func says(err error, text string) bool { return err != nil && strings.Contains(err.Error(), text) }

// pass lets the time of a bubble of testing/synctest go by.
func pass(d time.Duration) { <-time.After(d) }
