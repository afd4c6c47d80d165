package transport_test

import (
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// door is a front door of a few lines, made of what the host has for one: what a
// client says, each of its messages whole, goes to everybody.
type door struct {
	host   *transport.Host
	limit  int
	allows func(hub.Principal) error
	closed chan error // what Closed was given

	counts chan int // how many clients there are, when that changes

	mu      sync.Mutex // Protects following.
	clients map[*doorClient]struct{}
}

// doorClient is a connection of a door.
type doorClient struct {
	door   *door
	place  *transport.Place
	socket *transport.Socket // nil: it hears by events
	events chan []byte
	cut    chan struct{}
}

func newDoor(s *server) *door {
	d := &door{host: s.host, closed: make(chan error, 64), counts: make(chan int, 64), clients: map[*doorClient]struct{}{}}
	s.mux.Handle("/door/", d)
	return d
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !d.host.Admit(w, r, "door") {
		return
	}
	p, err := d.host.Identify(r, front.At{Hub: "door"})
	if err == nil && d.allows != nil {
		err = d.allows(p)
	}
	if err != nil {
		d.host.RefuseCaller(w, "door", p, err)
		return
	}
	switch path.Base(r.URL.Path) {
	case "negotiate":
		if d.host.AllowNegotiation(w, r) {
			d.host.Negotiated()
			_, _ = io.WriteString(w, "come in")
		}
	case "socket":
		d.serveSocket(w, r)
	case "events":
		d.serveEvents(w, r)
	case "poll":
		d.servePoll(w, r)
	case "send":
		if said, ok := d.host.ReadBody(w, r, 1000); ok {
			_ = d.say(said)
		}
	default:
		d.host.Refuse(w, http.StatusNotFound, "There is nothing here.")
	}
}

// enter gives a client its place.
func (d *door) enter(w http.ResponseWriter, r *http.Request, t front.Transports) (*doorClient, bool) {
	c := &doorClient{door: d, events: make(chan []byte, 64), cut: make(chan struct{})}
	place, ok := d.host.Enter(w, r, transport.Entry{Name: "door", ID: "1", Transport: t, Cut: sync.OnceFunc(func() { close(c.cut) })})
	if !ok {
		return nil, false
	}
	c.place = place
	return c, true
}

func (d *door) add(c *doorClient) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clients[c] = struct{}{}
	d.counts <- len(d.clients)
}

func (d *door) remove(c *doorClient) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.clients, c)
	d.counts <- len(d.clients)
}

// say frames a message once a kind and sends it to everybody.
func (d *door) say(message []byte) error {
	if string(message) == "malformed" {
		return io.ErrUnexpectedEOF
	}
	payload := func() []byte { return append(make([]byte, hub.Headroom), message...) }
	frame, event := transport.TextFrame(payload()), transport.EventFrame(payload())
	d.mu.Lock()
	defer d.mu.Unlock()
	for c := range d.clients {
		if c.socket != nil {
			_ = c.socket.Send(frame)
		} else {
			c.events <- event
		}
	}
	return nil
}

func (d *door) serveSocket(w http.ResponseWriter, r *http.Request) {
	c, ok := d.enter(w, r, front.WebSockets)
	if !ok {
		return
	}
	ready, over := make(chan struct{}), make(chan struct{})
	socket, ok := d.host.Upgrade(w, r, transport.SocketOptions{
		MessageLimit: d.limit,
		Receive:      func(message []byte) error { <-ready; return d.say(message) },
		Closed: func(err error) {
			<-ready
			close(over)
			d.remove(c)
			c.place.Leave(hub.CodeNormal, err != nil, err)
			d.closed <- err
		},
	})
	if !ok {
		c.place.Leave(hub.CodeProtocol, false, nil)
		return
	}
	c.socket = socket
	d.add(c)
	close(ready)
	d.host.Env().Go(func() {
		select {
		case <-c.cut:
			socket.Close(hub.CloseReason{Code: hub.CodeGoingAway, Text: "bye"})
		case <-over:
		}
	})
}

func (d *door) serveEvents(w http.ResponseWriter, r *http.Request) {
	c, ok := d.enter(w, r, front.ServerSentEvents)
	if !ok {
		return
	}
	defer c.place.Leave(0, false, nil)
	reply := d.host.NewReply(w, r)
	defer reply.End()
	d.add(c)
	defer d.remove(c)
	if reply.Write([]byte(": here\n\n")) != nil || reply.Flush() != nil {
		return
	}
	for {
		select {
		case event := <-c.events:
			if reply.Write(event) != nil || reply.Flush() != nil {
				return
			}
		case <-c.cut:
			return
		case <-r.Context().Done():
			return
		}
	}
}

func (d *door) servePoll(w http.ResponseWriter, r *http.Request) {
	if !d.host.BeginPoll(w) {
		return
	}
	defer d.host.EndPoll()
	c, ok := d.enter(w, r, front.LongPolling)
	if !ok {
		return
	}
	defer c.place.Leave(0, false, nil)
	d.add(c)
	defer d.remove(c)
	reply := d.host.NewReply(w, r)
	defer reply.End()
	select {
	case event := <-c.events:
		_ = reply.Write(event)
	case <-c.cut:
	case <-r.Context().Done():
	}
}

// awaitClients waits until n clients are there.
func (d *door) awaitClients(t *testing.T, n int) {
	t.Helper()
	guard := time.After(hangGuard)
	for {
		select {
		case there := <-d.counts:
			if there == n {
				return
			}
		case <-guard:
			t.Fatalf("there are never %d clients", n)
		}
	}
}

func TestFrontDoor_talk(t *testing.T) {
	s := serve(t, nil)
	d := newDoor(s)
	a, b := dialRaw(t, s.addr, "/door/socket"), dialRaw(t, s.addr, "/door/socket")
	events := s.doNoRead("GET", "/door/events").Body
	polled := make(chan string, 1)
	go func() {
		res := s.doNoRead("GET", "/door/poll")
		body, _ := io.ReadAll(res.Body)
		polled <- string(body)
	}()
	d.awaitClients(t, 4)
	if got := s.host.Stats(); got.Links != 4 || got.Polls != 1 || got.Open[front.WebSockets] != 2 || got.Open[front.ServerSentEvents] != 1 || got.Open[front.LongPolling] != 1 ||
		got.EnteredOpen[front.WebSockets] != 2 || got.EnteredOpen[front.LongPolling] != 1 {
		t.Errorf("counted %+v", got)
	}

	a.send(text, "from a socket")
	for _, c := range []*rawClient{a, b} {
		if f := c.next(); f.first != text || string(f.payload) != "from a socket" {
			t.Errorf("heard %v", f)
		}
	}
	if got, want := <-polled, "data: from a socket\r\n\r\n"; got != want {
		t.Errorf("polled %q, want %q", got, want)
	}
	if res := s.requester("/door").do(t.Context(), "POST", "/send", "by POST"); res.status != http.StatusOK {
		t.Errorf("POST: %v", res)
	}
	if f := b.next(); string(f.payload) != "by POST" {
		t.Errorf("heard %v", f)
	}
	want := ": here\n\n" + "data: from a socket\r\n\r\n" + "data: by POST\r\n\r\n"
	heard := make([]byte, len(want))
	if _, err := io.ReadFull(events, heard); err != nil || string(heard) != want {
		t.Errorf("the stream is %q, want %q: %v", heard, want, err)
	}
}

func TestFrontDoor_shutdown(t *testing.T) {
	s := serve(t, nil)
	d := newDoor(s)
	a := dialRaw(t, s.addr, "/door/socket")
	events := s.doNoRead("GET", "/door/events").Body
	d.awaitClients(t, 2)
	a.send(text, "last words")
	if f := a.next(); string(f.payload) != "last words" {
		t.Errorf("heard %v", f)
	}
	heard := make([]byte, len(": here\n\n"+"data: last words\r\n\r\n"))
	if _, err := io.ReadFull(events, heard); err != nil || !strings.HasSuffix(string(heard), "data: last words\r\n\r\n") {
		t.Errorf("the stream is %q, %v", heard, err)
	}
	down := make(chan error, 1)
	go func() { down <- s.host.Shutdown(t.Context()) }()
	a.expectClose(1001, "bye")
	_ = a.conn.Close()
	rest, err := io.ReadAll(events)
	if err != nil || len(rest) > 0 {
		t.Errorf("the stream ended with %q, %v", rest, err)
	}
	if err := <-down; err != nil {
		t.Error(err)
	}
	if err := <-d.closed; err != nil {
		t.Errorf("Closed was given %v", err)
	}
	for _, at := range []string{"negotiate", "socket", "events", "poll"} {
		res, body := s.do("GET", "/door/"+at)
		if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
			t.Errorf("%s: status %d, %s", at, res.StatusCode, body)
		}
	}
}

func TestFrontDoor_admits(t *testing.T) {
	policy, err := front.NewPolicy("", []string{"https://good.example"})
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, &transport.Options{Policy: policy})
	newDoor(s)
	for _, c := range []struct {
		method  string
		headers []string
		status  int
		allowed string
	}{
		{"GET", nil, 200, ""},
		{"GET", []string{"Origin: https://good.example"}, 200, "https://good.example"},
		{"OPTIONS", []string{"Origin: https://good.example", "Access-Control-Request-Method: GET"}, 204, "https://good.example"},
		{"GET", []string{"Origin: https://evil.example"}, 403, ""},
		{"GET", []string{"Origin: null"}, 403, ""},
		{"GET", []string{"Cookie: a=b"}, 403, ""},
	} {
		res, body := s.do(c.method, "/door/negotiate", c.headers...)
		if got := res.Header.Get("Access-Control-Allow-Origin"); res.StatusCode != c.status || got != c.allowed {
			t.Errorf("%s %v: status %d for %q: %s", c.method, c.headers, res.StatusCode, got, body)
		}
	}
	if refused := s.host.Stats().Refused; refused != 3 {
		t.Errorf("%d were refused", refused)
	}
}

func TestFrontDoor_identifies(t *testing.T) {
	s := serve(t, &transport.Options{Authority: front.AuthorityFunc(func(r *http.Request) (hub.Principal, error) {
		switch name := front.BearerToken(r); name {
		case "":
			return hub.Principal{}, io.EOF
		case "mallory":
			return hub.Principal{}, front.ErrForbidden
		default:
			return hub.Principal{ID: name}, nil
		}
	})})
	d := newDoor(s)
	for name, want := range map[string]int{"": 401, "mallory": 403, "bob": 403, "ann": 200} {
		d.allows = func(p hub.Principal) error {
			if p.ID != "ann" {
				return io.EOF
			}
			return nil
		}
		res, body := s.do("GET", "/door/negotiate", "Authorization: Bearer "+name)
		if res.StatusCode != want || want >= 400 && body != "" || (res.Header.Get("WWW-Authenticate") == "Bearer") != (want == 401) {
			t.Errorf("%q: status %d, %q, %v", name, res.StatusCode, body, res.Header)
		}
	}
}

func TestFrontDoor_refuses(t *testing.T) {
	s := serve(t, nil)
	newDoor(s)
	res, body := s.do("GET", "/door/elsewhere")
	if res.StatusCode != http.StatusNotFound || body != "There is nothing here." || res.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("status %d, %q, %v", res.StatusCode, body, res.Header)
	}
	if refused := s.host.Stats().Refused; refused != 1 {
		t.Errorf("%d were refused", refused)
	}
}

func TestFrontDoor_negotiatesAtARate(t *testing.T) {
	s := serve(t, &transport.Options{NegotiateRate: 1, NegotiateBurst: 2})
	newDoor(s)
	var got []int
	for range 3 {
		res, _ := s.do("GET", "/door/negotiate")
		got = append(got, res.StatusCode)
	}
	if !slices.Equal(got, []int{200, 200, 429}) {
		t.Errorf("answered %v", got)
	}
	if n := s.host.Stats().Negotiations; n != 2 {
		t.Errorf("%d negotiations are counted", n)
	}
}

func TestFrontDoor_pollLimit(t *testing.T) {
	s := serve(t, &transport.Options{PollLimit: 1})
	d := newDoor(s)
	polled := make(chan int, 1)
	go func() {
		res := s.doNoRead("GET", "/door/poll")
		polled <- res.StatusCode
	}()
	d.awaitClients(t, 1)
	if res, _ := s.do("GET", "/door/poll"); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a second poll: status %d", res.StatusCode)
	}
	_ = d.say([]byte("go"))
	if status := <-polled; status != http.StatusOK {
		t.Errorf("the first poll: status %d", status)
	}
	d.awaitClients(t, 0)
}
