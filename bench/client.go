package main

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// client is one raw socket that counts the messages of a server.
type client struct {
	fd       int
	frames   frameReader
	messages int64
	err      error // why it reads no more
}

// connectTimeout bounds what a server may take to make one client a member.
const connectTimeout = 10 * time.Second

// connect opens a client and waits until the server has greeted it.
func connect(addr netip.AddrPort, d dialect) (*client, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	c := &client{fd: fd}
	if err := c.greet(addr, d); err != nil {
		syscall.Close(fd)
		return nil, err
	}
	return c, nil
}

func (c *client) greet(addr netip.AddrPort, d dialect) error {
	limit := syscall.NsecToTimeval(int64(connectTimeout))
	if err := syscall.SetsockoptTimeval(c.fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &limit); err != nil {
		return err
	}
	if err := syscall.Connect(c.fd, &syscall.SockaddrInet4{Addr: addr.Addr().As4(), Port: int(addr.Port())}); err != nil {
		return err
	}
	request := "GET " + d.path + " HTTP/1.1\r\nHost: " + addr.String() +
		"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
	if d.protocol != "" {
		request += "Sec-WebSocket-Protocol: " + d.protocol + "\r\n"
	}
	if err := c.write([]byte(request + "\r\n")); err != nil {
		return err
	}
	behind, err := c.readResponse()
	if err != nil {
		return err
	}
	for _, h := range d.hello {
		if err := c.write(appendClientFrame(nil, d.opcode, h)); err != nil {
			return err
		}
	}
	if err := c.awaitReady(behind, d.ready); err != nil {
		return err
	}
	return syscall.SetNonblock(c.fd, true)
}

// readResponse reads the response's head and returns what came behind it.
func (c *client) readResponse() ([]byte, error) {
	var response []byte
	for {
		if head, behind, ok := bytes.Cut(response, []byte("\r\n\r\n")); ok {
			if line, _, _ := strings.Cut(string(head), "\r\n"); !strings.Contains(line, " 101 ") {
				return nil, fmt.Errorf("the server does not upgrade: %s", line)
			}
			return behind, nil
		}
		p, err := c.read()
		if err != nil {
			return nil, err
		}
		response = append(response, p...)
	}
}

// awaitReady reads frames until one says that the client is a member.
func (c *client) awaitReady(p []byte, ready string) error {
	var said []byte
	for !bytes.Contains(said, []byte(ready)) || len(p) > 0 {
		if len(p) == 0 {
			var err error
			if p, err = c.read(); err != nil {
				return fmt.Errorf("the server did not say %q but %q: %w", ready, said, err)
			}
		}
		payload, rest, err := c.frames.next(p)
		if err != nil {
			return err
		}
		said = append(said, payload...)
		p = rest
	}
	return nil
}

func (c *client) read() ([]byte, error) {
	p := make([]byte, 4096)
	n, err := syscall.Read(c.fd, p)
	for err == syscall.EINTR { // the runtime's signals cut waits with a limit
		n, err = syscall.Read(c.fd, p)
	}
	if err == nil && n == 0 {
		err = fmt.Errorf("the server closed the connection")
	}
	if err != nil {
		return nil, err
	}
	return p[:n], nil
}

// write writes p, which fits the empty send buffer of a new socket.
func (c *client) write(p []byte) error {
	n, err := syscall.Write(c.fd, p)
	if err == nil && n < len(p) {
		err = fmt.Errorf("wrote only %d of %d bytes", n, len(p))
	}
	return err
}

// receive counts the messages in p, and if samples is not nil, adds the stamps
// in them to it. A stamp cut by the end of p is counted but not sampled.
func (c *client) receive(p []byte, samples *[]span) {
	for len(p) > 0 && c.err == nil {
		var payload []byte
		if payload, p, c.err = c.frames.next(p); c.err != nil {
			return
		}
		if c.frames.opcode == opClose && payload != nil {
			c.err = fmt.Errorf("the server closed the connection: %q", payload)
			return
		}
		c.messages += int64(bytes.Count(payload, []byte{marker}))
		if samples != nil {
			sample(payload, samples)
		}
	}
}

// sample adds a span for each stamp in payload.
func sample(payload []byte, samples *[]span) {
	now := time.Now().UnixNano()
	for {
		i := bytes.IndexByte(payload, marker)
		if i < 0 {
			return
		}
		payload = payload[i+1:]
		if stamp, ok := readStamp(payload); ok {
			*samples = append(*samples, span{stamp, now})
		}
	}
}
