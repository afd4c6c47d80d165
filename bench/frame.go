package main

import (
	"encoding/binary"
	"errors"
)

// errFrame is what the clients say of bytes that no WebSocket server sends.
var errFrame = errors.New("a malformed WebSocket frame")

// Frame opcodes that mean something to a client.
const (
	opText   = 1
	opBinary = 2
	opClose  = 8
)

// frameReader splits a server's byte stream into the payloads of its frames,
// however the stream is cut. It copies nothing but a cut header.
type frameReader struct {
	opcode byte
	left   uint64 // bytes of the payload still to come
	header [10]byte
	have   int // bytes of a header that was cut
}

// next returns the next piece of one frame's payload and what is behind it. A
// frame may come in pieces, or empty. When rest is empty, all was read.
func (f *frameReader) next(p []byte) (payload, rest []byte, err error) {
	if f.left == 0 {
		if p, err = f.readHeader(p); err != nil || f.have > 0 {
			return nil, nil, err
		}
	}
	n := min(f.left, uint64(len(p)))
	f.left -= n
	return p[:n], p[n:], nil
}

// done tells whether what next returned is a close frame's.
func (f *frameReader) done() bool { return f.opcode == opClose }

// readHeader takes a frame's header off p. If p ends first, have tells how much
// of it is kept.
func (f *frameReader) readHeader(p []byte) ([]byte, error) {
	h := p
	if f.have > 0 {
		n := copy(f.header[f.have:], p)
		h = f.header[:f.have+n]
	}
	size := headerSize(h)
	if len(h) < size {
		f.have = copy(f.header[:], h)
		return nil, nil
	}
	if h[0]&0x70 != 0 || h[1]&0x80 != 0 {
		return nil, errFrame
	}
	f.opcode = h[0] & 0x0f
	switch size {
	case 2:
		f.left = uint64(h[1])
	case 4:
		f.left = uint64(binary.BigEndian.Uint16(h[2:]))
	default:
		f.left = binary.BigEndian.Uint64(h[2:])
	}
	p = p[size-f.have:]
	f.have = 0
	return p, nil
}

// headerSize is how long the header is that begins with h.
func headerSize(h []byte) int {
	switch {
	case len(h) < 2 || h[1]&0x7f < 126:
		return 2
	case h[1]&0x7f == 126:
		return 4
	}
	return 10
}

// appendClientFrame appends a whole masked frame. Its mask is zero, which is
// allowed and costs nobody anything.
func appendClientFrame(dst []byte, opcode byte, payload string) []byte {
	dst = append(dst, 0x80|opcode)
	if len(payload) < 126 {
		dst = append(dst, 0x80|byte(len(payload)))
	} else {
		dst = binary.BigEndian.AppendUint16(append(dst, 0x80|126), uint16(len(payload)))
	}
	return append(append(dst, 0, 0, 0, 0), payload...)
}

// appendServerFrame appends a whole frame as a server sends it.
func appendServerFrame(dst []byte, opcode byte, payload []byte) []byte {
	dst = append(dst, 0x80|opcode)
	if len(payload) < 126 {
		dst = append(dst, byte(len(payload)))
	} else {
		dst = binary.BigEndian.AppendUint16(append(dst, 126), uint16(len(payload)))
	}
	return append(dst, payload...)
}
