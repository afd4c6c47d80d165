package transport_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"
)

// hangGuard ends a test that would wait for ever. Nothing is measured by it.
const hangGuard = 45 * time.Second

// rawClient speaks WebSocket by hand, so that it can also speak it wrongly.
type rawClient struct {
	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
}

// rawFrame is a frame as it stands on the wire.
type rawFrame struct {
	first   byte // with FIN and reserved bits
	masked  bool
	payload []byte
}

func (f rawFrame) String() string { return fmt.Sprintf("%#x %.100q", f.first, f.payload) }

// The first bytes of frames.
const (
	text     = 0x81
	frameBin = 0x82
	closeF   = 0x88
	ping     = 0x89
	pong     = 0x8A
)

// upgrade is the request that makes a connection a WebSocket.
func upgrade(addr, path string, headers ...string) string {
	lines := slices.Concat([]string{"GET " + path + " HTTP/1.1", "Host: " + addr}, upgradeHeaders, headers)
	return strings.Join(lines, "\r\n") + "\r\n\r\n"
}

// dialRaw opens a WebSocket at path.
func dialRaw(t testing.TB, addr, path string, headers ...string) *rawClient {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return upgradeRaw(t, conn, addr, path, headers...)
}

// upgradeHeaders are those of a request that wants to become a WebSocket.
var upgradeHeaders = []string{
	"Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
}

// dialTCP opens a connection that no WebSocket is on.
func dialTCP(t testing.TB, addr string) *rawClient {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return dialOver(t, conn)
}

func dialOver(t testing.TB, conn net.Conn) *rawClient {
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(hangGuard))
	return &rawClient{t: t, conn: conn, r: bufio.NewReader(conn)}
}

func upgradeRaw(t testing.TB, conn net.Conn, addr, path string, headers ...string) *rawClient {
	t.Helper()
	c := dialOver(t, conn)
	c.write([]byte(upgrade(addr, path, headers...)))
	if status, header := c.response(); status != http.StatusSwitchingProtocols {
		body, _ := io.ReadAll(c.r)
		t.Fatalf("upgrade: status %d, %v, %s", status, header, body)
	}
	return c
}

// response reads the head of an HTTP response.
func (c *rawClient) response() (status int, header textproto.MIMEHeader) {
	c.t.Helper()
	r := textproto.NewReader(c.r)
	line, err := r.ReadLine()
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := fmt.Sscanf(line, "HTTP/1.1 %d", &status); err != nil {
		c.t.Fatalf("status line %q: %v", line, err)
	}
	header, err = r.ReadMIMEHeader()
	if err != nil {
		c.t.Fatal(err)
	}
	return status, header
}

// connectRaw opens a WebSocket and does the handshake of the hub protocol.
func connectRaw(t testing.TB, addr, path string) *rawClient {
	t.Helper()
	c := dialRaw(t, addr, path)
	c.handshake()
	return c
}

func (c *rawClient) handshake() {
	c.t.Helper()
	c.send(text, handshakeJSON)
	if f := c.next(); f.first != text || string(f.payload) != "{}\x1e" {
		c.t.Fatalf("handshake reply: %x %q", f.first, f.payload)
	}
}

const handshakeJSON = `{"protocol":"json","version":1}` + "\x1e"

// write writes raw bytes.
func (c *rawClient) write(p []byte) {
	c.t.Helper()
	if _, err := c.conn.Write(p); err != nil {
		c.t.Fatal(err)
	}
}

// send writes one masked frame.
func (c *rawClient) send(first byte, payload string) {
	c.t.Helper()
	c.write(appendFrame(nil, rawFrame{first: first, masked: true, payload: []byte(payload)}))
}

// appendFrame appends a frame; a masked one has the mask 1, 2, 3, 4.
func appendFrame(dst []byte, f rawFrame) []byte {
	bit := byte(0)
	if f.masked {
		bit = 0x80
	}
	dst = append(dst, f.first)
	switch n := len(f.payload); {
	case n < 126:
		dst = append(dst, bit|byte(n))
	case n <= 0xFFFF:
		dst = binary.BigEndian.AppendUint16(append(dst, bit|126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, bit|127), uint64(n))
	}
	if !f.masked {
		return append(dst, f.payload...)
	}
	dst = append(dst, 1, 2, 3, 4)
	for i, b := range f.payload {
		dst = append(dst, b^byte(i%4+1))
	}
	return dst
}

// read reads one frame. An error inside a frame is never io.EOF.
func (c *rawClient) read() (rawFrame, error) {
	first, err := c.r.ReadByte()
	if err != nil {
		return rawFrame{}, err
	}
	f := rawFrame{first: first}
	second, err := c.r.ReadByte()
	if err != nil {
		return f, fmt.Errorf("half a frame: %w", noEOF(err))
	}
	f.masked = second&0x80 != 0
	length := uint64(second & 0x7F)
	size := map[uint64]int{126: 2, 127: 8}[length]
	if size > 0 {
		var b [8]byte
		if _, err := io.ReadFull(c.r, b[8-size:]); err != nil {
			return f, fmt.Errorf("half a frame: %w", noEOF(err))
		}
		length = binary.BigEndian.Uint64(b[:])
	}
	f.payload = make([]byte, length)
	if _, err := io.ReadFull(c.r, f.payload); err != nil {
		return f, fmt.Errorf("half a frame: %w", noEOF(err))
	}
	return f, nil
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// next reads one frame of a server.
func (c *rawClient) next() rawFrame {
	c.t.Helper()
	f, err := c.read()
	if err != nil {
		c.t.Fatal(err)
	}
	if f.masked {
		c.t.Fatal("a server's frame is masked")
	}
	return f
}

// nextMessages reads hub messages, one frame, and splits them.
func (c *rawClient) nextMessages() []string {
	c.t.Helper()
	f := c.next()
	if f.first != text {
		c.t.Fatalf("a frame of kind %#x: %q", f.first, f.payload)
	}
	if !bytes.HasSuffix(f.payload, []byte{0x1e}) {
		c.t.Fatalf("a frame without whole messages: %q", f.payload)
	}
	return strings.Split(strings.TrimSuffix(string(f.payload), "\x1e"), "\x1e")
}

// closure is how a server ended its side.
type closure struct {
	code   int
	reason string
}

// drain reads to the end: any frames, then one close frame, then nothing. It
// returns the frames before the close frame.
func (c *rawClient) drain() (frames []rawFrame, end closure, err error) {
	for {
		f, err := c.read()
		if err != nil {
			return frames, end, fmt.Errorf("the link ended without a close frame after %d frames: %w", len(frames), err)
		}
		if f.first != closeF {
			frames = append(frames, f)
			continue
		}
		end = closure{code: 1005}
		if len(f.payload) >= 2 {
			end = closure{int(binary.BigEndian.Uint16(f.payload)), string(f.payload[2:])}
		}
		if f, err := c.read(); !errors.Is(err, io.EOF) {
			return frames, end, fmt.Errorf("after the close frame came %v, %w", f, err)
		}
		return frames, end, nil
	}
}

func (c *rawClient) untilClosed() ([]rawFrame, closure) {
	c.t.Helper()
	frames, end, err := c.drain()
	if err != nil {
		c.t.Fatal(err)
	}
	return frames, end
}

// expectClose reads to the end and checks the close code and reason.
func (c *rawClient) expectClose(code int, reason string) []rawFrame {
	c.t.Helper()
	frames, end := c.untilClosed()
	if end.code != code || !strings.Contains(end.reason, reason) {
		c.t.Fatalf("closed with %d %q, want %d %q", end.code, end.reason, code, reason)
	}
	return frames
}

// closeFrame is the payload of a close frame.
func closePayload(code int, reason string) string {
	return string(binary.BigEndian.AppendUint16(nil, uint16(code))) + reason
}
