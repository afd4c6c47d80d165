package main

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
)

// upgrade makes c a member over a WebSocket.
func (c *client) upgrade(addr netip.AddrPort, d dialect) error {
	request := "GET " + d.path + " HTTP/1.1\r\nHost: " + addr.String() +
		"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
	if d.protocol != "" {
		request += "Sec-WebSocket-Protocol: " + d.protocol + "\r\n"
	}
	if err := c.write([]byte(request + "\r\n")); err != nil {
		return err
	}
	behind, err := c.readUpgrade()
	if err != nil {
		return err
	}
	c.carrier = &frameReader{}
	for _, h := range d.hello {
		if err := c.write(appendClientFrame(nil, d.opcode, h)); err != nil {
			return err
		}
	}
	return c.await(d.ready, behind)
}

// readUpgrade reads the response's head and returns what came behind it.
func (c *client) readUpgrade() ([]byte, error) {
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
