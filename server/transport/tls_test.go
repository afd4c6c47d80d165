package transport_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"partline.dev/server/transport"
)

// serveTLS starts a server that speaks TLS.
func serveTLS(t *testing.T, o *transport.Options) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	certificates := httptest.NewUnstartedServer(nil)
	certificates.StartTLS()
	certificates.Close()
	config := &tls.Config{Certificates: certificates.TLS.Certificates, MinVersion: tls.VersionTLS12}
	return serveOn(t, tls.NewListener(smallBuffers{l}, config), o)
}

func dialTLS(t testing.TB, addr string) *rawClient {
	t.Helper()
	conn := tls.Client(dialSmall(t, addr), &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12})
	c := upgradeRaw(t, conn, addr, "/talk")
	c.handshake()
	return c
}

func TestTLS_talkAndClose(t *testing.T) {
	s := serveTLS(t, nil)
	c := dialTLS(t, s.addr)
	c.send(text, `{"type":1,"target":"Say","invocationId":"0","arguments":["hi"]}`+"\x1e")
	var got []string
	for len(got) < 2 {
		got = append(got, c.nextMessages()...)
	}
	if want := []string{heard("hi"), `{"type":3,"invocationId":"0","result":null}`}; !slices.Equal(got, want) {
		t.Errorf("heard %q, want %q", got, want)
	}
	down := make(chan error, 1)
	go func() { down <- s.host.Shutdown(t.Context()) }()
	c.expectClose(1001, "shutting down")
	_ = c.conn.Close()
	if err := <-down; err != nil {
		t.Error(err)
	}
}

func TestTLS_slowReaderGetsItsHalfFrameFinished(t *testing.T) {
	// A TLS write that timed out could not be continued; so no write does.
	s := serveTLS(t, &transport.Options{SendTimeout: 200 * time.Millisecond, CloseTimeout: hangGuard, QueueLimit: 1 << 30})
	other, slow := dialTLS(t, s.addr), dialTLS(t, s.addr)
	_, cause := s.publishUntilGone(t, other)
	if !errors.Is(cause, transport.ErrSendTimeout) {
		t.Errorf("OnDisconnect heard %v", cause)
	}
	if checkWhole(t, slow.expectClose(1013, "send timeout")) == 0 {
		t.Error("no message arrived")
	}
}

func TestTLS_longMessages(t *testing.T) {
	s := serveTLS(t, nil)
	c := dialTLS(t, s.addr)
	for _, n := range []int{10, 16 << 10, 300 << 10} {
		long := strings.Repeat("x", n)
		s.publish(long)
		if got := c.nextMessages(); got[0] != heard(long) {
			t.Fatalf("%d bytes did not arrive as one message", n)
		}
	}
}

// corked is a socket that keeps back what is written until it is closed.
type corked struct {
	net.Conn
	corked bool
	kept   bytes.Buffer
}

func (c *corked) Write(p []byte) (int, error) {
	if c.corked {
		return c.kept.Write(p)
	}
	return c.Conn.Write(p)
}

func (c *corked) Close() error {
	_ = c.SetWriteDeadline(time.Time{}) // TLS lets nothing be written behind its end
	_, err := c.Conn.Write(c.kept.Bytes())
	return errors.Join(err, c.Conn.Close())
}

// What TLS gives together with the end, as that of version 1.2 does, has come
// before it.
func TestTLS_lastMessageComesWithTheEnd(t *testing.T) {
	k := serveSockets(serveTLS(t, nil), 0, nil)
	conn, err := net.Dial("tcp", k.addr)
	if err != nil {
		t.Fatal(err)
	}
	under := &corked{Conn: conn}
	c := upgradeRaw(t, tls.Client(under, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12}), k.addr, "/socket")
	under.corked = true
	c.send(text, "last")
	_ = c.conn.Close()
	if err := <-k.closed; !errors.Is(err, transport.ErrLost) {
		t.Errorf("Closed was given %v", err)
	}
	select {
	case got := <-k.received:
		if got != "last" {
			t.Errorf("received %q", got)
		}
	default:
		t.Error("the last message did not come")
	}
}
