package transport_test

import (
	"net"
	"sync"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// memoryListener is a listener without sockets, for synctest bubbles.
type memoryListener struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *memoryListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *memoryListener) Addr() net.Addr { return memoryAddr{} }

type memoryAddr struct{}

func (memoryAddr) Network() string { return "memory" }
func (memoryAddr) String() string  { return "memory" }

// memoryServer is a server in a synctest bubble.
type memoryServer struct {
	*server
	listener *memoryListener
}

func serveInMemory(t testing.TB, o *transport.Options, changes ...func(*hub.Options)) *memoryServer {
	t.Helper()
	l := &memoryListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	s := &memoryServer{serveOn(t, l, o, changes...), l}
	s.open = func() (net.Conn, error) { return s.dial(), nil }
	return s
}

// dial opens a connection that no WebSocket is on yet.
func (s *memoryServer) dial() net.Conn {
	client, server := net.Pipe()
	s.listener.conns <- server
	return client
}

// blockable is a socket whose writes wait while it is blocked, and which counts
// them.
type blockable struct {
	net.Conn

	mu     sync.Mutex // Protects following.
	gate   chan struct{}
	writes int
}

func (b *blockable) block() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gate = make(chan struct{})
}

func (b *blockable) unblock() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.gate)
	b.gate = nil
}

func (b *blockable) Write(p []byte) (int, error) {
	b.mu.Lock()
	gate := b.gate
	b.writes++
	b.mu.Unlock()
	if gate != nil {
		<-gate
	}
	return b.Conn.Write(p)
}

func (b *blockable) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.writes
}

// CloseWrite ends the peer's reading, as a TCP socket can.
func (b *blockable) CloseWrite() error { return b.Conn.(*net.TCPConn).CloseWrite() }
