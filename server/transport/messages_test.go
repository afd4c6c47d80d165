package transport_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// sockets serves sockets at /socket: opened is what each is, received what each
// said, and closed how each ended. Then, if it is not nil, is called with what is
// received.
type sockets struct {
	*server
	opened   chan *transport.Socket
	received chan string
	closed   chan error
}

func serveSockets(s *server, limit int, then func(string) error) *sockets {
	k := &sockets{s, make(chan *transport.Socket, 16), make(chan string, 1024), make(chan error, 16)}
	s.mux.HandleFunc("/socket", func(w http.ResponseWriter, r *http.Request) {
		socket, ok := s.host.Upgrade(w, r, transport.SocketOptions{
			MessageLimit: limit,
			Receive: func(message []byte) error {
				said := string(message)
				clear(message) // which is nobody's after the call
				k.received <- said
				if then != nil {
					return then(said)
				}
				return nil
			},
			Closed: func(err error) { k.closed <- err },
		})
		if ok {
			k.opened <- socket
		}
	})
	return k
}

// receives waits for a message.
func (k *sockets) receives(t *testing.T, want string) {
	t.Helper()
	select {
	case got := <-k.received:
		if got != want {
			t.Errorf("received %.100q (%d bytes), want %.100q (%d)", got, len(got), want, len(want))
		}
	case <-time.After(hangGuard):
		t.Fatalf("%.100q did not come", want)
	}
}

func TestSocket_wholeMessages(t *testing.T) {
	k := serveSockets(serve(t, nil), 64<<10, nil)
	c := dialRaw(t, k.addr, "/socket")
	for _, n := range []int{0, 1, 125, 126, 4095, 4096, 4097, 8192, 64 << 10} {
		long := strings.Repeat("ä", n/2) + strings.Repeat("x", n%2)
		c.send(text, long)
		k.receives(t, long)
	}
	// Cut anywhere, also inside a character, and with a ping in between.
	message := strings.Repeat("löng ", 2000)
	for _, size := range []int{1, 7, 4096, 5000} {
		var frames []byte
		for at := 0; at < len(message); at += size {
			first := byte(0)
			if at == 0 {
				first = text &^ 0x80
			}
			if at+size >= len(message) {
				first |= 0x80
			}
			frames = appendFrame(frames, rawFrame{first: first, masked: true, payload: []byte(message[at:min(at+size, len(message))])})
			if at == 0 {
				frames = appendFrame(frames, rawFrame{first: ping, masked: true, payload: []byte("there?")})
			}
		}
		c.write(frames)
		k.receives(t, message)
		if f := c.next(); f.first != pong || string(f.payload) != "there?" {
			t.Errorf("the ping was answered with %v", f)
		}
	}
	// Many in one piece.
	var frames []byte
	for range 100 {
		frames = appendFrame(frames, rawFrame{first: text, masked: true, payload: []byte("short")})
	}
	c.write(frames)
	for range 100 {
		k.receives(t, "short")
	}
	c.send(closeF, closePayload(1000, "done"))
	c.expectClose(1000, "done")
	_ = c.conn.Close()
	if err := <-k.closed; err != nil {
		t.Errorf("Closed was given %v", err)
	}
}

func TestSocket_refuses(t *testing.T) {
	for name, row := range map[string]struct {
		frames []rawFrame
		code   int
		reason string
	}{
		"a binary message":         {[]rawFrame{{frameBin, true, []byte("x")}}, 1003, "binary message"},
		"an empty binary message":  {[]rawFrame{{frameBin, true, nil}}, 1003, "binary message"},
		"a byte too many":          {[]rawFrame{{text, true, make([]byte, 1001)}}, 1009, "message too large"},
		"a byte too many, in two":  {[]rawFrame{{text &^ 0x80, true, make([]byte, 1000)}, {0x80, true, []byte("x")}}, 1009, "message too large"},
		"what is never whole":      {[]rawFrame{{text &^ 0x80, true, make([]byte, 1000)}, {0, true, make([]byte, 50_000)}}, 1009, "message too large"},
		"text that is not UTF-8":   {[]rawFrame{{text, true, []byte("\xff")}}, 1007, "message is not UTF-8"},
		"half a character":         {[]rawFrame{{text, true, []byte("\xc3")}}, 1007, "message is not UTF-8"},
		"what Receive refuses":     {[]rawFrame{{text, true, []byte("refuse this")}}, 1002, "malformed message"},
		"an unmasked frame":        {[]rawFrame{{text, false, []byte("x")}}, 1002, ""},
		"a continuation of naught": {[]rawFrame{{0x80, true, []byte("x")}}, 1002, ""},
		"a reserved bit":           {[]rawFrame{{text | 0x40, true, []byte("x")}}, 1002, ""},
	} {
		t.Run(name, func(t *testing.T) {
			why := errors.New("not that")
			k := serveSockets(serve(t, nil), 1000, func(said string) error {
				if said == "refuse this" {
					return why
				}
				return nil
			})
			c := dialRaw(t, k.addr, "/socket")
			c.send(text, "before")
			k.receives(t, "before")
			var frames []byte
			for _, f := range row.frames {
				frames = appendFrame(frames, f)
			}
			frames = appendFrame(frames, rawFrame{text, true, []byte("after")})
			c.write(frames)
			c.expectClose(row.code, row.reason)
			_ = c.conn.Close()
			err := <-k.closed
			if err == nil || errors.Is(err, why) != (name == "what Receive refuses") {
				t.Errorf("Closed was given %v", err)
			}
			select {
			case said := <-k.received:
				if said != "refuse this" {
					t.Errorf("received %q", said)
				}
			default:
			}
			if err := (<-k.opened).Send(transport.TextFrame(make([]byte, hub.Headroom))); !errors.Is(err, hub.ErrClosed) {
				t.Errorf("Send after the end: %v", err)
			}
		})
	}
}

func TestSocket_pingFlood(t *testing.T) {
	k := serveSockets(serve(t, nil), 0, nil)
	c := dialRaw(t, k.addr, "/socket")
	var flood []byte
	for range 1000 {
		flood = appendFrame(flood, rawFrame{first: ping, masked: true, payload: []byte(strings.Repeat("p", 125))})
	}
	go func() { _, _ = c.conn.Write(flood) }()
	c.expectClose(1008, "too many frames without data")
	_ = c.conn.Close()
	if err := <-k.closed; err == nil {
		t.Error("Closed was given nil")
	}
}

func TestSocket_isNotCompressed(t *testing.T) {
	// Also where Core connections are, and for a client that offers it.
	k := serveSockets(serve(t, &transport.Options{Compress: true}), 0, nil)
	c := dialTCP(t, k.addr)
	c.write([]byte(upgrade(k.addr, "/socket", "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover")))
	if status, header := c.response(); status != http.StatusSwitchingProtocols || header.Get("Sec-WebSocket-Extensions") != "" {
		t.Fatalf("status %d, extensions %q", status, header.Get("Sec-WebSocket-Extensions"))
	}
	long := strings.Repeat("long ", 2000)
	socket := <-k.opened
	if err := socket.Send(transport.TextFrame(append(make([]byte, hub.Headroom), long...))); err != nil {
		t.Fatal(err)
	}
	if f := c.next(); f.first != text || string(f.payload) != long {
		t.Errorf("came %v", f)
	}
}

func TestSocket_lost(t *testing.T) {
	k := serveSockets(serve(t, nil), 0, nil)
	c := dialRaw(t, k.addr, "/socket")
	_ = c.conn.Close()
	if err := <-k.closed; !errors.Is(err, transport.ErrLost) {
		t.Errorf("Closed was given %v", err)
	}
	select {
	case <-(<-k.opened).Ended():
	case <-time.After(hangGuard):
		t.Error("it has not ended")
	}
}

func TestSocket_closedByTheServer(t *testing.T) {
	k := serveSockets(serve(t, nil), 0, nil)
	c := dialRaw(t, k.addr, "/socket")
	socket := <-k.opened
	for _, said := range []string{"one", "two"} {
		if err := socket.Send(transport.TextFrame(append(make([]byte, hub.Headroom), said...))); err != nil {
			t.Fatal(err)
		}
	}
	socket.Close(hub.CloseReason{Code: hub.CodeTryAgainLater, Text: "later"})
	socket.Close(hub.CloseReason{Code: hub.CodeInternal, Text: "never"})
	frames := c.expectClose(1013, "later")
	if len(frames) != 2 || string(frames[0].payload) != "one" || string(frames[1].payload) != "two" {
		t.Errorf("came %v", frames)
	}
	_ = c.conn.Close()
	if err := <-k.closed; err != nil {
		t.Errorf("Closed was given %v", err)
	}
	if room := socket.Room(); room != nil {
		t.Error("there is something to wait for after the end")
	}
}

func TestSocket_abort(t *testing.T) {
	k := serveSockets(serve(t, nil), 0, nil)
	c := dialRaw(t, k.addr, "/socket")
	(<-k.opened).Abort()
	if f, err := c.read(); err == nil {
		t.Errorf("came %v", f)
	}
	if err := <-k.closed; err == nil {
		t.Error("Closed was given nil")
	}
}

func TestSocket_overflow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, &transport.Options{QueueLimit: 10_000})
		k := serveSockets(s.server, 0, nil)
		c := upgradeRaw(t, s.dial(), "memory", "/socket")
		socket := <-k.opened
		frame := transport.TextFrame(make([]byte, hub.Headroom+1000))
		sent, err := 0, socket.Send(frame)
		for ; err == nil; err = socket.Send(frame) {
			sent++
		}
		if !errors.Is(err, hub.ErrOverflow) {
			t.Fatal(err)
		}
		if sent < 8 || sent > 10 {
			t.Errorf("%d frames were taken", sent)
		}
		room := socket.Room()
		if room == nil {
			t.Fatal("there is nothing to wait for")
		}
		for range sent {
			if f := c.next(); len(f.payload) != 1000 {
				t.Fatalf("came %v", f)
			}
		}
		<-room
		if err := socket.Send(frame); err != nil {
			t.Error(err)
		}
		socket.Close(hub.CloseReason{})
		c.expectClose(1000, "")
		_ = c.conn.Close()
	})
}

func TestSocket_isNotReadWhileReceiveWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		goOn := make(chan struct{})
		k := serveSockets(s.server, 0, func(string) error { <-goOn; return nil })
		c := upgradeRaw(t, s.dial(), "memory", "/socket")
		var frames []byte
		for range 8 {
			frames = appendFrame(frames, rawFrame{text, true, []byte(strings.Repeat("x", 1000))})
		}
		written := make(chan struct{})
		go func() {
			defer close(written)
			c.write(frames)
		}()
		synctest.Wait()
		select {
		case <-written:
			t.Error("all was read")
		default:
		}
		if n := len(k.received); n != 1 {
			t.Errorf("%d messages were received at once", n)
		}
		close(goOn)
		<-written
		for range 8 {
			<-k.received
		}
		c.send(closeF, closePayload(1000, ""))
		c.expectClose(1000, "")
		_ = c.conn.Close()
	})
}

func TestUpgrade_ofWhatIsNone(t *testing.T) {
	k := serveSockets(serve(t, nil), 0, nil)
	res, _ := k.do("GET", "/socket")
	if res.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("status %d", res.StatusCode)
	}
	if refused := k.host.Stats().Refused; refused != 1 || len(k.opened)+len(k.closed) != 0 {
		t.Errorf("%d refused, %d opened, %d closed", refused, len(k.opened), len(k.closed))
	}
}

func TestFrames(t *testing.T) {
	buf := func(payload string) []byte { return append(make([]byte, hub.Headroom), payload...) }
	if got, want := string(transport.TextFrame(buf("{}"))), "\x81\x02{}"; got != want {
		t.Errorf("text: %q, want %q", got, want)
	}
	if got, want := string(transport.EventFrame(buf("{}"))), "data: {}\r\n\r\n"; got != want {
		t.Errorf("event: %q, want %q", got, want)
	}
}
