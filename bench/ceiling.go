package main

import (
	"bufio"
	"net"
	"net/http"
	"sync"
)

// ceilingName is the server that the others are compared with.
const ceilingName = "ceiling"

// ceiling is the least that a Go server can do to deliver a message to all: a
// list of connections, a queue of shared frames for each, and a goroutine that
// writes up to 32 of them at once. It parses nothing, has no groups, limits or
// identity, and sends the very bytes that Partline sends. Copying the frames
// together costs a tenth less CPU than net.Buffers does, so it copies.
type ceiling struct {
	listener net.Listener
	serving  sync.WaitGroup

	mu    sync.Mutex // Protects following.
	conns []*ceilingConn
}

// ceilingBatch is how many frames one write carries at most.
const ceilingBatch = 32

var ceilingBuffers = sync.Pool{New: func() any { return new([]byte) }}

type ceilingConn struct {
	net.Conn

	mu      sync.Mutex // Protects following.
	filled  sync.Cond  // on mu
	queue   [][]byte
	stopped bool
}

func newCeiling() contender { return &ceiling{} }

func (s *ceiling) Listen() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	s.listener = l
	s.serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.serving.Go(func() { s.serve(c) })
		}
	})
	return l.Addr().String(), nil
}

// serve accepts one client and writes to it until the end.
func (s *ceiling) serve(c net.Conn) {
	defer c.Close()
	if err := acceptClient(c); err != nil {
		return
	}
	conn := &ceilingConn{Conn: c}
	conn.filled.L = &conn.mu
	s.mu.Lock()
	s.conns = append(s.conns, conn)
	s.mu.Unlock()
	conn.write()
}

// acceptClient reads a request and upgrades it, whatever it asks for.
func acceptClient(c net.Conn) error {
	if _, err := http.ReadRequest(bufio.NewReaderSize(c, 1024)); err != nil {
		return err
	}
	_, err := c.Write([]byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"))
	return err
}

// write writes what is queued, up to 32 frames at a time, until the connection
// breaks or the server ends.
func (c *ceilingConn) write() {
	var taken [ceilingBatch][]byte
	for {
		c.mu.Lock()
		for len(c.queue) == 0 && !c.stopped {
			c.filled.Wait()
		}
		if c.stopped {
			c.mu.Unlock()
			return
		}
		n := copy(taken[:], c.queue)
		c.queue = c.queue[:copy(c.queue, c.queue[n:])]
		c.mu.Unlock()
		buf := ceilingBuffers.Get().(*[]byte)
		for _, frame := range taken[:n] {
			*buf = append(*buf, frame...)
		}
		_, err := c.Write(*buf)
		*buf = (*buf)[:0]
		ceilingBuffers.Put(buf)
		if err != nil {
			return
		}
	}
}

func (s *ceiling) Members() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

func (s *ceiling) Publish(stamp int64) error {
	record := `{"type":1,"target":"broadcastMessage","arguments":` + string(messageJSON(stamp)) + "}\x1e"
	frame := appendServerFrame(nil, opText, []byte(record))
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		c.mu.Lock()
		c.queue = append(c.queue, frame)
		c.mu.Unlock()
		c.filled.Signal()
	}
	return nil
}

func (s *ceiling) Close() error {
	if s.listener == nil {
		return nil
	}
	err := s.listener.Close()
	s.mu.Lock()
	for _, c := range s.conns {
		c.mu.Lock()
		c.stopped = true
		c.mu.Unlock()
		c.filled.Signal()
	}
	s.mu.Unlock()
	s.serving.Wait()
	return err
}
