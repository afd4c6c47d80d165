package transport

import (
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"partline.dev/server/hub"
)

// The first byte of the frames that a server sends (RFC 6455, section 5.2):
// always final, never masked.
const (
	frameText   = 0x81
	frameBinary = 0x82
	frameClose  = 0x88
	framePong   = 0x8A

	// frameDeflated marks a compressed payload (RFC 7692).
	frameDeflated = 0x40
)

// maxCloseText is the longest text of a close frame: a control frame has 125
// bytes, and the code takes two.
const maxCloseText = 123

// frame puts a frame's header before the payload that follows the headroom of
// buf, and returns the frame.
func frame(first byte, buf []byte) []byte {
	payload := len(buf) - hub.Headroom
	start := hub.Headroom
	switch {
	case payload < 126:
		start -= 2
		buf[start+1] = byte(payload)
	case payload <= 0xFFFF:
		start -= 4
		buf[start+1] = 126
		binary.BigEndian.PutUint16(buf[start+2:], uint16(payload))
	default:
		start -= 10
		buf[start+1] = 127
		binary.BigEndian.PutUint64(buf[start+2:], uint64(payload))
	}
	buf[start] = first
	return buf[start:]
}

// closeFrame is a close frame.
func closeFrame(reason hub.CloseReason) []byte {
	code, text := reason.Code, strings.ToValidUTF8(reason.Text, "")
	if code == 0 {
		code = hub.CodeNormal
	}
	for len(text) > maxCloseText {
		_, last := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-last]
	}
	frame := []byte{frameClose, byte(2 + len(text))}
	frame = binary.BigEndian.AppendUint16(frame, uint16(code))
	return append(frame, text...)
}
