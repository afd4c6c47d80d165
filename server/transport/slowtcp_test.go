package transport_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// smallBuffers is a listener whose sockets hold little, so that a client that
// does not read is felt soon.
type smallBuffers struct{ net.Listener }

func (l smallBuffers) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		_ = conn.(*net.TCPConn).SetWriteBuffer(4 << 10)
	}
	return conn, err
}

func serveSmall(t testing.TB, o *transport.Options) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, smallBuffers{l}, o)
}

// dialSmall opens a socket that holds little.
func dialSmall(t testing.TB, addr string) net.Conn {
	t.Helper()
	d := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4<<10) })
	}}
	conn, err := d.DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// publishUntilGone publishes numbered messages until somebody is gone, each
// after the other client has heard the one before. It returns how many, and why
// the connection is gone.
func (s *server) publishUntilGone(t *testing.T, other *rawClient) (count int, cause error) {
	t.Helper()
	pad := strings.Repeat(".", 2000)
	for {
		select {
		case cause := <-s.gone:
			return count, cause
		default:
		}
		if err := hub.Publish(context.Background(), s.talk.All(), heardEvent, say{fmt.Sprint(count) + pad}); err != nil {
			t.Fatal(err)
		}
		if got := other.nextMessages(); len(got) != 1 || got[0] != heard(fmt.Sprint(count)+pad) {
			t.Fatalf("message %d arrived elsewhere as %.100q", count, got)
		}
		if count++; count == 100_000 {
			t.Fatal("a client that reads nothing was never closed")
		}
	}
}

func TestSlowReader_overflows(t *testing.T) {
	s := serveSmall(t, &transport.Options{QueueLimit: 64 << 10, CloseTimeout: hangGuard})
	other := connectRaw(t, s.addr, "/talk")
	slow := upgradeRaw(t, dialSmall(t, s.addr), s.addr, "/talk")
	slow.handshake()
	sent, cause := s.publishUntilGone(t, other)
	if !errors.Is(cause, hub.ErrOverflow) {
		t.Errorf("OnDisconnect heard %v", cause)
	}
	// It reads on, and gets whole messages and the reason.
	got := checkWhole(t, slow.expectClose(1013, "slow consumer"))
	if got == 0 || got > sent {
		t.Errorf("%d messages of %d arrived", got, sent)
	}
	_ = slow.conn.Close()
	// The others go on.
	s.publish("still here")
	if got := other.nextMessages(); got[0] != heard("still here") {
		t.Errorf("the other heard %q", got)
	}
}

func TestSlowReader_sendTimeout(t *testing.T) {
	s := serveSmall(t, &transport.Options{SendTimeout: 200 * time.Millisecond, CloseTimeout: hangGuard, QueueLimit: 1 << 30})
	other := connectRaw(t, s.addr, "/talk")
	slow := upgradeRaw(t, dialSmall(t, s.addr), s.addr, "/talk")
	slow.handshake()
	_, cause := s.publishUntilGone(t, other)
	if !errors.Is(cause, transport.ErrSendTimeout) {
		t.Errorf("OnDisconnect heard %v", cause)
	}
	// A frame was half written: it is finished first.
	if checkWhole(t, slow.expectClose(1013, "send timeout")) == 0 {
		t.Error("no message arrived")
	}
}

func TestSlowReader_neverReadsOn(t *testing.T) {
	s := serveSmall(t, &transport.Options{SendTimeout: 200 * time.Millisecond, CloseTimeout: 200 * time.Millisecond, QueueLimit: 1 << 30})
	other := connectRaw(t, s.addr, "/talk")
	slow := upgradeRaw(t, dialSmall(t, s.addr), s.addr, "/talk")
	slow.handshake()
	s.publishUntilGone(t, other)
	other.send(closeF, closePayload(1000, ""))
	other.expectClose(1000, "")
	_ = other.conn.Close()
	s.settle()
	if got := s.host.Stats(); got.Links != 0 || got.Closes["lost"] != 1 {
		t.Errorf("%+v", got)
	}
	// What the kernel still held is whole frames and a half one, nothing else.
	var frames []rawFrame
	for {
		f, err := slow.read()
		if err != nil {
			break
		}
		frames = append(frames, f)
	}
	checkWhole(t, frames)
}
