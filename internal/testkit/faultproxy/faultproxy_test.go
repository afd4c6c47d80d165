package faultproxy_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"partline.dev/internal/testkit/faultproxy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo serves what it reads, and says when a connection has ended.
func echo(t *testing.T) (addr string, ended <-chan error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ends := make(chan error, 8)
	var work sync.WaitGroup
	work.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			work.Go(func() {
				defer c.Close()
				_, err := io.Copy(c, c)
				ends <- err
			})
		}
	})
	t.Cleanup(func() { l.Close(); work.Wait() })
	return l.Addr().String(), ends
}

func connect(t *testing.T, target string) (*faultproxy.Proxy, *net.TCPConn) {
	t.Helper()
	p, err := faultproxy.Listen(target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p, dial(t, p)
}

func dial(t *testing.T, p *faultproxy.Proxy) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(*net.TCPConn)
}

// refused expects a reset, which the dialing may see already.
func refused(t *testing.T, p *faultproxy.Proxy) {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr())
	if err == nil {
		defer c.Close()
		_, err = c.Read(make([]byte, 1))
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("a refused connection gives %v", err)
	}
}

// roundTrip sends b and expects it back.
func roundTrip(t *testing.T, c net.Conn, b []byte) {
	t.Helper()
	var write sync.WaitGroup
	write.Go(func() {
		if _, err := c.Write(b); err != nil {
			t.Error(err)
		}
	})
	defer write.Wait()
	got := make([]byte, len(b))
	if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, b) {
		t.Errorf("%d bytes came back as %d other ones, %v", len(b), len(got), err)
	}
}

func TestProxy_passesOn(t *testing.T) {
	addr, ended := echo(t)
	_, c := connect(t, addr)
	roundTrip(t, c, bytes.Repeat([]byte("partline"), 100_000))
	if err := c.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("after the end a read gives %v", err)
	}
	if err := <-ended; err != nil {
		t.Errorf("the server saw the end as %v", err)
	}
}

func TestProxy_passesPieces(t *testing.T) {
	addr, _ := echo(t)
	p, c := connect(t, addr)
	p.Set(faultproxy.Fault{Piece: 1, Delay: time.Microsecond})
	roundTrip(t, c, []byte("one byte at a time"))
}

func TestProxy_cut(t *testing.T) {
	addr, ended := echo(t)
	p, c := connect(t, addr)
	roundTrip(t, c, []byte("hello"))
	p.Cut()
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("after a cut the client reads %v", err)
	}
	if err := <-ended; !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("after a cut the server reads %v", err)
	}
	roundTrip(t, dial(t, p), []byte("and again"))
}

func TestProxy_swallows(t *testing.T) {
	addr, ended := echo(t)
	p, c := connect(t, addr)
	roundTrip(t, c, []byte("hello"))
	p.Set(faultproxy.Fault{Swallow: true})
	if _, err := c.Write([]byte("nobody hears this")); err != nil {
		t.Fatal(err)
	}
	if err := c.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if err := c.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Read(make([]byte, 1)); n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a half-open connection gives %d bytes and %v", n, err)
	}
	select {
	case err := <-ended:
		t.Errorf("the server was told of the end: %v", err)
	default:
	}
}

func TestProxy_refuses(t *testing.T) {
	addr, _ := echo(t)
	p, _ := connect(t, addr)
	p.Set(faultproxy.Fault{Refuse: true})
	refused(t, p)
	p.Set(faultproxy.Fault{})
	roundTrip(t, dial(t, p), []byte("and again"))
}

func TestProxy_targetThatIsNotThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	p, err := faultproxy.Listen(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	refused(t, p)
}

func TestProxy_closesWhileBytesWait(t *testing.T) {
	addr, _ := echo(t)
	p, c := connect(t, addr)
	p.Set(faultproxy.Fault{Delay: time.Hour})
	if _, err := c.Write([]byte("late")); err != nil {
		t.Fatal(err)
	}
	p.Close()
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("after the proxy's end a read gives %v", err)
	}
}
