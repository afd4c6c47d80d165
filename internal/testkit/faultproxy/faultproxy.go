// Package faultproxy is a TCP proxy on loopback that spoils what goes through
// it: for tests of what a client and a server do when the network is bad.
//
//	p, err := faultproxy.Listen(server.Addr())
//	defer p.Close()
//	p.Set(faultproxy.Fault{Piece: 1})      // a byte at a time, both ways
//	p.Set(faultproxy.Fault{Swallow: true}) // half-open: nothing arrives, nobody is told
//	p.Cut()                                // every connection is reset
//
// Concurrency: everything may be used from any goroutine. [Proxy.Close] blocks
// until every goroutine of the proxy has ended; nothing else blocks.
package faultproxy

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// Fault is what the proxy does to the bytes of every connection, open ones too,
// in both directions. The zero value does nothing.
type Fault struct {
	// Delay is how long each piece waits before it goes on. Pieces stay in
	// order, so it also limits the rate.
	Delay time.Duration

	// Piece is the most bytes that go on in one write. Zero: as they came.
	Piece int

	// Swallow discards all that arrives, and keeps the end of one side from
	// the other: to each, the other has fallen silent.
	Swallow bool

	// Refuse resets new connections at once.
	Refuse bool
}

// Proxy passes the connections of its address on to another.
type Proxy struct {
	target   string
	listener net.Listener
	work     sync.WaitGroup
	closed   chan struct{}

	mu    sync.Mutex // protects following
	fault Fault
	conns map[*net.TCPConn]bool // both ends of every connection
}

// Listen returns a proxy at a free port of 127.0.0.1 that passes on to target,
// host:port.
func Listen(target string) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{target: target, listener: l, closed: make(chan struct{}), conns: map[*net.TCPConn]bool{}}
	p.work.Go(p.accept)
	return p, nil
}

// Addr is the address of the proxy, host:port.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Set changes what the proxy does from now on.
func (p *Proxy) Set(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
}

// Cut resets every open connection, at both ends.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		reset(c)
	}
}

// Close cuts every connection and ends the proxy.
func (p *Proxy) Close() error {
	p.mu.Lock()
	select {
	case <-p.closed:
	default:
		close(p.closed)
	}
	p.mu.Unlock()
	err := p.listener.Close()
	p.Cut()
	p.work.Wait()
	return err
}

func (p *Proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return // Close
		}
		client := c.(*net.TCPConn)
		if p.now().Refuse {
			reset(client)
			continue
		}
		p.work.Go(func() { p.serve(client) })
	}
}

// serve joins a client to the target until both directions have ended.
func (p *Proxy) serve(client *net.TCPConn) {
	c, err := net.Dial("tcp", p.target)
	if err != nil {
		reset(client)
		return
	}
	server := c.(*net.TCPConn)
	if !p.keep(client, server) {
		return
	}
	defer p.forget(client, server)
	var up sync.WaitGroup
	up.Go(func() { p.pass(server, client) })
	p.pass(client, server)
	up.Wait()
}

// pass moves bytes one way. An end is passed on as the same kind of end.
func (p *Proxy) pass(to, from *net.TCPConn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if werr := p.forward(to, buf[:n]); werr != nil {
			reset(from)
			return
		}
		if err == nil {
			continue
		}
		if p.now().Swallow {
			<-p.closed // nobody is told earlier, not even by Cut
		}
		if errors.Is(err, io.EOF) {
			_ = to.CloseWrite() // an error means that it has ended, too
		} else {
			reset(to)
		}
		return
	}
}

// forward writes b as the fault of the moment says.
func (p *Proxy) forward(to *net.TCPConn, b []byte) error {
	for len(b) > 0 {
		f := p.now()
		if f.Swallow {
			return nil
		}
		piece := b
		if f.Piece > 0 {
			piece = b[:min(f.Piece, len(b))]
		}
		if f.Delay > 0 {
			select {
			case <-time.After(f.Delay):
			case <-p.closed:
				return net.ErrClosed
			}
		}
		if _, err := to.Write(piece); err != nil {
			return err
		}
		b = b[len(piece):]
	}
	return nil
}

func (p *Proxy) now() Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fault
}

// keep remembers both ends, so that Cut finds them. After Close it resets them
// and reports false.
func (p *Proxy) keep(ends ...*net.TCPConn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range ends {
		select {
		case <-p.closed:
			reset(c)
		default:
			p.conns[c] = true
		}
	}
	return p.conns[ends[0]]
}

func (p *Proxy) forget(ends ...*net.TCPConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range ends {
		delete(p.conns, c)
		c.Close()
	}
}

// reset closes a connection so that its other end sees a reset, not an end.
func reset(c *net.TCPConn) {
	_ = c.SetLinger(0) // it may be closed already
	c.Close()
}
