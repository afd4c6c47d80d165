package main

import (
	"bytes"
	"fmt"
	"net/netip"
	"syscall"
	"time"
)

// client is one raw socket that counts the messages of a server.
type client struct {
	fd       int
	carrier  carrier
	poll     []byte // the request that follows each response; nil: none does
	messages int64
	err      error // why it reads no more
}

// carrier is what messages stand in on a socket.
type carrier interface {
	// next returns the next piece of a frame's or response's inside, and what
	// is behind it. When rest is empty, all was read.
	next(p []byte) (payload, rest []byte, err error)

	// done tells whether the server has said its last word, of this response
	// or of all.
	done() bool
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
	open := map[way]func(netip.AddrPort, dialect) error{webSocket: c.upgrade, events: c.openEvents, polls: c.openPolls, classicSocket: c.openClassic}[d.over]
	if err := open(addr, d); err != nil {
		return err
	}
	return syscall.SetNonblock(c.fd, true)
}

// await reads from p on until the server has said something that ends a message.
func (c *client) await(ready string, p []byte) error {
	var said []byte
	for !bytes.Contains(said, []byte(ready)) || len(p) > 0 {
		if len(p) == 0 {
			var err error
			if p, err = c.read(); err != nil {
				return fmt.Errorf("the server did not say %q but %q: %w", ready, said, err)
			}
		}
		payload, rest, err := c.carrier.next(p)
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
		if payload, p, c.err = c.carrier.next(p); c.err != nil {
			return
		}
		c.messages += int64(bytes.Count(payload, []byte{marker}))
		if samples != nil {
			sample(payload, samples)
		}
		switch {
		case !c.carrier.done():
		case c.poll != nil:
			c.err = c.write(c.poll)
		default:
			c.err = fmt.Errorf("the server closed the connection: %q", payload)
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
