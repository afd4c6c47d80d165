package client_test

import (
	"context"
	"errors"
	"fmt"
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
	negotiate func(attempt int) (*client.Response, error)
	answer    func(r *client.Request) (*client.Response, error) // to other requests, before the hub's own answer
	offers    client.Transport
	resumes   bool                       // connections survive their links, if the client asks for that
	resumable bool                       // the last connection is one of those
	forgets   bool                       // but this one does not
	blocked   map[client.Transport]error // why one cannot be opened; nil: nothing ever answers
	asked     int
	tokens    []string           // of negotiate
	bodies    []string           // of negotiate, each after its type
	access    string             // what the hub says of a client that has introduced itself
	urls      []string           // of negotiate, as far as they do not ask for more
	dialled   string             // the token of the last WebSocket
	opened    []client.Transport // that somebody tried to open
	handshake string             // what it answers; empty: nothing at all
	byToken   map[string]*fakeConn
}

func newFakeHub(t *testing.T) *fakeHub {
	return &fakeHub{
		t: t, conns: make(chan *fakeConn, 100), offers: client.WebSockets, handshake: "{}\x1e",
		byToken: map[string]*fakeConn{},
	}
}

// newClient is a client of h with nothing but these options.
func (h *fakeHub) newClient(o *client.Options) *client.Client { return h.newClientAt(hubURL, o) }

// newClientAt is a client of h at another address.
func (h *fakeHub) newClientAt(url string, o *client.Options) *client.Client {
	c := client.New(url, connected.Hub, o)
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

func (h *fakeHub) Do(ctx context.Context, r *client.Request) (*client.Response, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if !strings.Contains(r.To().Path, "/negotiate") {
		return h.exchange(ctx, r)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked++
	h.tokens = append(h.tokens, r.Token())
	h.bodies = append(h.bodies, r.ContentType()+r.Body())
	to := strings.TrimSuffix(r.To().String(), "&useStatefulReconnect=true")
	h.urls = append(h.urls, to)
	if h.negotiate != nil {
		if r, err := h.negotiate(h.asked); r != nil || err != nil {
			return r, err
		}
	}
	if r.Method() != "POST" || to != hubURL+"/negotiate?negotiateVersion=1" {
		h.t.Errorf("negotiate by %s at %s", r.Method(), r.To())
	}
	h.resumable = h.resumes && to != r.To().String()
	return h.negotiated("token"+strconv.Itoa(h.asked), r.Body() != ""), nil
}

// negotiated is the answer to negotiate. The caller holds mu.
func (h *fakeHub) negotiated(token string, introduced bool) *client.Response {
	said := ""
	if introduced && h.access != "" {
		said = `,"access":` + h.access
	}
	var offers []string
	for t, offer := range map[client.Transport]string{
		client.WebSockets:       `{"transport":"WebSockets","transferFormats":["Text","Binary"]}`,
		client.ServerSentEvents: `{"transport":"ServerSentEvents","transferFormats":["Text"]}`,
		client.LongPolling:      `{"transport":"LongPolling","transferFormats":["Text","Binary"]}`,
	} {
		if h.offers&t != 0 {
			offers = append(offers, offer)
		}
	}
	return client.NewResponse(200, "application/json", `{"negotiateVersion":1,"connectionId":"id","connectionToken":"`+token+
		`","availableTransports":[`+strings.Join(offers, ",")+`],"useStatefulReconnect":`+strconv.FormatBool(h.resumable)+said+`}`)
}

func (h *fakeHub) Dial(ctx context.Context, to *url.URL, token string, _ bool) (client.Link, error) {
	if err := h.open(ctx, client.WebSockets); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.dialled = token
	if want := "ws://hub.example/hubs/connected?id=token" + strconv.Itoa(h.asked); to.String() != want {
		h.t.Errorf("dialled %s, not %s", to, want)
	}
	if before := h.byToken["token"+strconv.Itoa(h.asked)]; before != nil {
		if h.forgets {
			return nil, client.ErrForgotten
		}
		conn := h.newConn(client.WebSockets)
		conn.shaken, conn.resumed = true, true
		h.conns <- conn
		return fakeLink{conn}, nil
	}
	return fakeLink{h.newConn(client.WebSockets)}, nil
}

// open notes that a transport shall be opened, and says why it cannot be.
func (h *fakeHub) open(ctx context.Context, t client.Transport) error {
	h.mu.Lock()
	h.opened = append(h.opened, t)
	err, blocked := h.blocked[t]
	h.mu.Unlock()
	if blocked && err == nil {
		<-ctx.Done()
		return ctx.Err()
	}
	return err
}

// openings are the transports that somebody tried to open since the last call.
func (h *fakeHub) openings() (opened []client.Transport) {
	h.mu.Lock()
	defer h.mu.Unlock()
	opened, h.opened = h.opened, nil
	return opened
}

// newConn is a connection whose token was given last. The caller holds mu.
func (h *fakeHub) newConn(t client.Transport) *fakeConn {
	c := &fakeConn{
		t: h.t, hub: h, transport: t, toClient: make(chan []byte), toHub: make(chan []byte, 1000),
		closed: make(chan struct{}), ended: make(chan struct{}),
	}
	h.byToken["token"+strconv.Itoa(h.asked)] = c
	return c
}

func (h *fakeHub) Close() {}

// accept is the next connection, after its handshake and, unless it is long
// polling, its first ping.
func (h *fakeHub) accept() *fakeConn {
	h.t.Helper()
	select {
	case conn := <-h.conns:
		if conn.transport == client.LongPolling {
			return conn
		}
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
	t         *testing.T
	hub       *fakeHub
	transport client.Transport
	toClient  chan []byte   // without room: a piece that is sent is read
	toHub     chan []byte   // what the client wrote, a piece a time
	closed    chan struct{} // closed by the client
	closing   sync.Once
	ended     chan struct{} // closed by the hub
	endErr    error
	resumed   bool // it is another link of a connection

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
	version := 1
	if l.hub.resumable && l.transport == client.WebSockets {
		version = 2
	}
	if want := fmt.Sprintf(`{"protocol":"json","version":%d}`+"\x1e", version); asked != want {
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
