package transport_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// slowly returns, inside a synctest bubble, an outbox over a pipe that holds
// nothing, its client, and a channel that tells whether everything was written
// once the link has ended. A write waits until the client reads.
func slowly(t *testing.T, o *transport.Options) (*transport.Outbox, *rawClient, <-chan bool) {
	t.Helper()
	client, socket := net.Pipe()
	out := newOutboxOn(t, socket, o)
	whole := make(chan bool, 1)
	go func() {
		<-out.Sealing()
		whole <- out.Linger()
	}()
	return out, dialOver(t, client), whole
}

// partOf reads n bytes.
func (c *rawClient) partOf(n int) {
	c.t.Helper()
	if _, err := io.ReadFull(c.r, make([]byte, n)); err != nil {
		c.t.Fatal(err)
	}
}

// newUnbuffered reads no more than it is asked for, but for a byte or two.
func newUnbuffered(r io.Reader) *bufio.Reader { return bufio.NewReaderSize(oneByte{r}, 16) }

// oneByte reads one byte at a time.
type oneByte struct{ r io.Reader }

func (o oneByte) Read(p []byte) (int, error) { return o.r.Read(p[:1]) }

// expectCloseThenSilence is expectClose for a pipe, which cannot end one way.
func (c *rawClient) expectCloseThenSilence(code int, reason string) (frames []rawFrame) {
	c.t.Helper()
	for {
		f := c.next()
		if f.first != closeF {
			frames = append(frames, f)
			continue
		}
		if got := int(f.payload[0])<<8 | int(f.payload[1]); got != code || string(f.payload[2:]) != reason {
			c.t.Fatalf("closed with %v, want %d %q", f, code, reason)
		}
		synctest.Wait()
		_ = c.conn.SetReadDeadline(time.Now().Add(time.Second))
		if f, err := c.read(); err == nil {
			c.t.Fatalf("after the close frame came %v", f)
		}
		return frames
	}
}

// frameSize is a size of which no two go into one write.
const frameSize = transport.ChunkSize/2 + 1

func TestSlow_readsOnWithinTheCloseTimeout(t *testing.T) {
	// It gets everything that was queued.
	synctest.Test(t, func(t *testing.T) {
		o, c, whole := slowly(t, nil)
		for i := range 20 {
			_ = o.Enqueue(numbered(i, frameSize))
		}
		o.Sink().Close(hub.CloseReason{Code: 1013, Text: "slow consumer"})
		time.Sleep(4 * time.Second)
		if got := checkWhole(t, c.expectCloseThenSilence(1013, "slow consumer")); got != 20 {
			t.Errorf("%d messages of 20 arrived", got)
		}
		_ = c.conn.Close()
		if !<-whole {
			t.Error("the server thinks that the client got less")
		}
	})
}

func TestSlow_readsOnAfterTheCloseTimeout(t *testing.T) {
	// It is too late for what is queued, but not for the rest of the frame that
	// was being written, and for the close frame.
	synctest.Test(t, func(t *testing.T) {
		o, c, whole := slowly(t, nil)
		for i := range 20 {
			_ = o.Enqueue(numbered(i, frameSize))
		}
		c.next()
		o.Sink().Close(hub.CloseReason{Code: 1013, Text: "slow consumer"})
		time.Sleep(7 * time.Second)
		if got := checkWhole(t, c.expectCloseThenSilence(1013, "slow consumer")); got < 1 || got > 2 {
			t.Errorf("%d messages arrived, want the one that was being written", got)
		}
		_ = c.conn.Close()
		if !<-whole {
			t.Error("the server thinks that the client got less")
		}
	})
}

func TestSlow_readsOnAfterHalfAFrame(t *testing.T) {
	// The half is finished before the close frame.
	synctest.Test(t, func(t *testing.T) {
		o, c, whole := slowly(t, nil)
		c.r = newUnbuffered(c.conn)
		frame := numbered(0, frameSize)
		_ = o.Enqueue(frame)
		_ = o.Enqueue(numbered(1, frameSize))
		c.partOf(len(frame) / 2)
		time.Sleep(14 * time.Second) // the send timeout, and most of the close timeout
		c.partOf(len(frame) - len(frame)/2)
		if frames := c.expectCloseThenSilence(1013, "send timeout"); len(frames) != 0 {
			t.Errorf("after the half came %v", frames)
		}
		_ = c.conn.Close()
		if !<-whole || !errors.Is(o.Cause(), transport.ErrSendTimeout) {
			t.Errorf("cause %v", o.Cause())
		}
	})
}

func TestSlow_neverReadsOn(t *testing.T) {
	// It has half a frame. Nothing can follow that, so nothing does.
	synctest.Test(t, func(t *testing.T) {
		o, c, whole := slowly(t, nil)
		c.r = newUnbuffered(c.conn)
		frame := numbered(0, frameSize)
		_ = o.Enqueue(frame)
		_ = o.Enqueue(numbered(1, 0))
		c.partOf(len(frame) / 2)
		begin := time.Now()
		if <-whole {
			t.Error("the server thinks that the client got everything")
		}
		if waited := time.Since(begin); waited < 15*time.Second || waited > 16*time.Second {
			t.Errorf("the socket was closed after %v, want 10 s and 5 s", waited)
		}
		if b, err := io.ReadAll(c.conn); len(b) != 0 {
			t.Errorf("after the half came %q, %v", b, err)
		}
	})
}

func TestSlow_readsALittleAllTheTime(t *testing.T) {
	// Every write goes on within the send timeout: this is a client with a thin
	// line, not one that hangs.
	synctest.Test(t, func(t *testing.T) {
		o, c, _ := slowly(t, nil)
		_ = c.conn.SetDeadline(time.Time{})
		for i := range 30 {
			_ = o.Enqueue(numbered(i, frameSize))
		}
		for i := range 30 {
			time.Sleep(9 * time.Second)
			checkWhole(t, []rawFrame{c.next()})
			if o.Cause() != nil {
				t.Fatalf("closed after %d frames: %v", i, o.Cause())
			}
		}
		o.Sink().Close(hub.CloseReason{})
		c.expectCloseThenSilence(1000, "")
		_ = c.conn.Close()
	})
}

func TestSlow_neverReadsAfterTheClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, _, whole := slowly(t, nil)
		_ = o.Enqueue(numbered(0, 0))
		begin := time.Now()
		o.Sink().Close(hub.CloseReason{Code: 1001})
		if <-whole {
			t.Error("the server thinks that the client got everything")
		}
		if waited := time.Since(begin); waited < 10*time.Second || waited > 11*time.Second {
			t.Errorf("the socket was closed after %v, want 5 s twice", waited)
		}
	})
}

func TestSlow_neverClosesItsOwnSide(t *testing.T) {
	// The client has read the close frame and keeps the socket: the server does
	// not wait for ever.
	synctest.Test(t, func(t *testing.T) {
		o, c, whole := slowly(t, nil)
		o.Sink().Close(hub.CloseReason{Code: 1001})
		begin := time.Now()
		if f := c.next(); f.first != closeF {
			t.Fatalf("came %v", f)
		}
		if !<-whole {
			t.Error("the server thinks that the client got less")
		}
		if waited := time.Since(begin); waited < 5*time.Second || waited > 6*time.Second {
			t.Errorf("the socket was closed after %v, want 5 s", waited)
		}
	})
}
