package transport

import (
	"bufio"
	"net"
	"net/http"
	"time"

	"partline.dev/server/hub"
)

// The library's own buffers are as small as they can be: the link reads ahead
// into its own, and the library writes control frames only, each in one piece.
const (
	libraryReadBuffer  = 16
	libraryWriteBuffer = 128
)

// hijacker lets the WebSocket library take over the link's end of a connection
// instead of the socket itself.
type hijacker struct {
	http.ResponseWriter
	link *socket
}

// Hijack takes the socket from the HTTP server. The library gets its small
// buffers, and nothing of the server's stays in use.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffers, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	early, _ := buffers.Reader.Peek(buffers.Reader.Buffered())
	l := h.link
	l.early = append([]byte(nil), early...)
	l.outbox.init(l.host(), conn)
	library := (*libraryConn)(l)
	l.buffer = bufio.NewReaderSize(library, libraryReadBuffer)
	return library, bufio.NewReadWriter(l.buffer, bufio.NewWriterSize(library, libraryWriteBuffer)), nil
}

// libraryConn is a socket as the WebSocket library sees it.
type libraryConn socket

var _ net.Conn = (*libraryConn)(nil)

// Read reads what the peer sent. The library asks for no more than it needs, so
// an error cuts off what it reads.
func (c *libraryConn) Read(p []byte) (n int, err error) {
	n, err = (*socket)(c).read(p)
	c.cut = err
	return n, err
}

// Write queues a control frame. It never blocks.
func (c *libraryConn) Write(p []byte) (int, error) {
	if err := c.outbox.control(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Close returns at once; the reader ends the link in its order. The library
// calls it after the close frames, and when a control frame that has begun does
// not end within 5 s.
func (c *libraryConn) Close() error {
	reason := hub.CloseReason{Code: hub.CodePolicy, Text: "control frame timeout"}
	c.outbox.seal(closeFrame(reason), reason, errFrame)
	return nil
}

func (c *libraryConn) LocalAddr() net.Addr              { return c.outbox.conn.LocalAddr() }
func (c *libraryConn) RemoteAddr() net.Addr             { return c.outbox.conn.RemoteAddr() }
func (c *libraryConn) SetDeadline(time.Time) error      { return nil } // the link has its own
func (c *libraryConn) SetReadDeadline(time.Time) error  { return nil }
func (c *libraryConn) SetWriteDeadline(time.Time) error { return nil }
