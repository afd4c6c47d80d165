package transport_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// newOutbox returns an outbox over one end of a TCP connection whose writes can
// be blocked, and a client at the other end.
func newOutbox(t testing.TB, o *transport.Options) (*transport.Outbox, *blockable, *rawClient) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := dialTCP(t, l.Addr().String())
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	socket := &blockable{Conn: conn}
	return newOutboxOn(t, socket, o), socket, c
}

func newOutboxOn(t testing.TB, conn net.Conn, o *transport.Options) *transport.Outbox {
	t.Helper()
	host := transport.NewHost(o)
	t.Cleanup(func() {
		_ = conn.Close()
		ctx, cancel := context.WithTimeout(context.Background(), hangGuard)
		defer cancel()
		if err := host.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
	})
	return transport.NewOutbox(host, conn)
}

// numbered is a frame that checkWhole knows.
func numbered(n, size int) []byte {
	message := heard(fmt.Sprint(n))
	if pad := size - len(message); pad > 0 {
		message = heard(fmt.Sprint(n) + strings.Repeat(".", pad))
	}
	return transport.MessageFrame(message + "\x1e")
}

func TestOutbox_writesManyFramesAtOnce(t *testing.T) {
	o, socket, c := newOutbox(t, nil)
	socket.block()
	const n = 1000
	total := 0
	for i := range n {
		frame := numbered(i, 0)
		total += len(frame)
		if err := o.Enqueue(frame); err != nil {
			t.Fatal(err)
		}
	}
	socket.unblock()
	o.Sink().Close(hub.CloseReason{Text: "done"})
	frames := c.expectClose(1000, "done")
	if got := checkWhole(t, frames); got != n {
		t.Errorf("%d messages arrived, want %d", got, n)
	}
	// The first frame went out alone, the rest in full chunks, then the close.
	if most := 1 + (total/transport.ChunkSize + 1) + 1; socket.count() > most {
		t.Errorf("%d frames of %d bytes took %d writes, want %d at most", n, total, socket.count(), most)
	}
}

func TestOutbox_keepsOrderOverAllSizes(t *testing.T) {
	o, socket, c := newOutbox(t, &transport.Options{QueueLimit: 64 << 20})
	for round := range 2 {
		if round == 0 {
			socket.block()
		}
		for i := range 300 {
			if err := o.Enqueue(numbered(round*300+i, []int{0, 100, 8 << 10, 9 << 10, 31 << 10, 0, 0, 70 << 10, 200 << 10}[i%9])); err != nil {
				t.Fatal(err)
			}
		}
		if round == 0 {
			socket.unblock()
		}
	}
	o.Sink().Close(hub.CloseReason{})
	if got := checkWhole(t, c.expectClose(1000, "")); got != 600 {
		t.Errorf("%d messages arrived", got)
	}
}

func TestOutbox_limit(t *testing.T) {
	frame := numbered(0, 0)
	each := len(frame) + transport.FrameCost
	o, socket, c := newOutbox(t, &transport.Options{QueueLimit: 10 * each})
	socket.block()
	for i := range 10 {
		if err := o.Enqueue(frame); err != nil {
			t.Fatalf("frame %d of 10: %v", i, err)
		}
	}
	if err := o.Enqueue(frame); !errors.Is(err, hub.ErrOverflow) {
		t.Fatalf("the eleventh frame: %v", err)
	}
	// What the library answers is not counted.
	if err := o.Control([]byte{pong, 0}); err != nil {
		t.Fatal(err)
	}
	socket.unblock()
	o.Sink().Close(hub.CloseReason{Code: 1013, Text: "slow consumer"})
	frames := c.expectClose(1013, "slow consumer")
	if len(frames) != 11 {
		t.Errorf("%d frames arrived, want ten and a pong", len(frames))
	}
	if err := o.Enqueue(frame); !errors.Is(err, hub.ErrClosed) {
		t.Errorf("after the close: %v", err)
	}
}

func TestOutbox_takesOneFrameOverTheLimit(t *testing.T) {
	o, _, c := newOutbox(t, &transport.Options{QueueLimit: 100})
	if err := o.Enqueue(numbered(0, 1<<20)); err != nil {
		t.Fatal(err)
	}
	checkWhole(t, []rawFrame{c.next()})
}

func TestOutbox_hasRoomAgainWhileABatchGoesOut(t *testing.T) {
	// What was written does not count, though the batch that it was in goes on.
	const size = 64 << 10
	client, socket := net.Pipe() // which holds nothing
	o := newOutboxOn(t, socket, &transport.Options{QueueLimit: 4 * (size + 1000)})
	c := dialOver(t, client)
	for i := range 4 {
		if err := o.Enqueue(numbered(i, size)); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.Enqueue(numbered(4, size)); !errors.Is(err, hub.ErrOverflow) {
		t.Fatalf("the fifth: %v", err)
	}
	for range 3 {
		c.next()
	}
	if _, err := c.r.Peek(1); err != nil { // the fourth has begun
		t.Fatal(err)
	}
	for i := range 3 {
		if err := o.Enqueue(numbered(5+i, size)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOutbox_nothingFollowsACloseFrame(t *testing.T) {
	o, socket, c := newOutbox(t, nil)
	socket.block()
	_ = o.Enqueue(numbered(0, 0))
	_ = o.Control(transport.AppendClose(hub.CloseReason{Code: 1001, Text: "first"}))
	if err := o.Enqueue(numbered(1, 0)); !errors.Is(err, hub.ErrClosed) {
		t.Errorf("an event after the close frame: %v", err)
	}
	_ = o.Control([]byte{pong, 0})
	_ = o.Control(transport.AppendClose(hub.CloseReason{Code: 1002, Text: "second"}))
	o.Sink().Close(hub.CloseReason{Code: 1011, Text: "third"})
	socket.unblock()
	if frames := c.expectClose(1001, "first"); len(frames) != 1 {
		t.Errorf("before the close frame came %v", frames)
	}
}

func TestOutbox_keepsOnlyTheLastPong(t *testing.T) {
	o, socket, c := newOutbox(t, nil)
	socket.block()
	_ = o.Enqueue(numbered(0, 0)) // holds up the rest
	for i := range 1000 {
		_ = o.Control([]byte{pong, 1, byte(i)})
	}
	socket.unblock()
	o.Sink().Close(hub.CloseReason{})
	pongs := 0
	for _, f := range c.expectClose(1000, "") {
		if f.first == pong {
			pongs++
		}
	}
	if pongs < 1 || pongs > 2 { // one may have been on its way
		t.Errorf("%d pongs arrived", pongs)
	}
}

func TestOutbox_closeTextIsCut(t *testing.T) {
	o, _, c := newOutbox(t, nil)
	o.Sink().Close(hub.CloseReason{Code: 1011, Text: strings.Repeat("\u00e4", 100) + "\xff"})
	c.expectClose(1011, strings.Repeat("\u00e4", 61))
}

// captured is a sink that keeps an event.
type captured struct{ event *hub.Event }

func (c *captured) Room() <-chan struct{} { return nil }

func (c *captured) Send(e *hub.Event) error { c.event = e; return nil }
func (c *captured) Close(hub.CloseReason)   {}

// anEvent returns an event as the core makes it.
func anEvent(t testing.TB) *hub.Event {
	t.Helper()
	s := serve(t, nil)
	sink := &captured{}
	conn, err := s.core.Open(hub.OpenOptions{Hub: "talk", ID: "captured", Codec: transport.JSON, Sink: sink})
	if err != nil {
		t.Fatal(err)
	}
	s.publish("hello")
	conn.LinkClosed(nil)
	return sink.event
}

func TestOutbox_sendAllocatesNothing(t *testing.T) {
	event := anEvent(t)
	t.Run("to a queue", func(t *testing.T) {
		o, socket, _ := newOutbox(t, &transport.Options{QueueLimit: 1 << 30})
		socket.block()
		defer socket.unblock()
		for range 100_000 { // the pool's pieces are made
			_ = o.Sink().Send(event)
		}
		o.DropQueue()
		if n := testing.AllocsPerRun(50_000, func() { _ = o.Sink().Send(event) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
	t.Run("to an idle connection", func(t *testing.T) {
		// Each run starts a goroutine that writes, and waits for what it wrote.
		o, _, c := newOutbox(t, nil)
		one := make([]byte, len(transport.MessageFrame(heard("hello")+"\x1e")))
		send := func() {
			_ = o.Sink().Send(event)
			if _, err := c.r.Read(one); err != nil {
				t.Error(err)
			}
		}
		if n := testing.AllocsPerRun(2000, send); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}

func BenchmarkOutboxSend(b *testing.B) {
	event := anEvent(b)
	o, socket, _ := newOutbox(b, &transport.Options{QueueLimit: 1 << 40})
	socket.block()
	defer socket.unblock()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		_ = o.Sink().Send(event)
		if i%1000 == 0 {
			o.DropQueue()
		}
	}
}
