package transport

import (
	"bytes"

	"partline.dev/server/hub"
)

// framing is how messages stand on a link.
type framing uint8

const (
	socketFrames   framing = iota // each is a WebSocket message
	deflatedFrames                // likewise, and long ones are compressed
	eventFrames                   // each is a server-sent event
	noFrames                      // one after another, in the body of a reply
	framings
)

// wrap frames the payload that follows the headroom of buf, and returns the
// framed bytes.
func (f framing) wrap(binary bool, buf []byte) []byte {
	first := byte(frameText)
	if binary {
		first = frameBinary
	}
	switch f {
	case socketFrames:
		return frame(first, buf)
	case deflatedFrames:
		return deflatedFrame(first, buf)
	case eventFrames:
		return event(buf)
	}
	return buf[hub.Headroom:]
}

// The parts of a server-sent event.
const (
	eventData = "data: "
	eventLine = "\r\n"
)

// event makes the payload that follows the headroom of buf a server-sent event.
// A line end in it would end the field, and let whoever wrote the payload write
// fields of the event: every line is a field of its own, and the client puts
// them together again, with "\n" between them whichever the line end was. An
// empty payload is an event that clients skip.
func event(buf []byte) []byte {
	payload := buf[hub.Headroom:]
	if len(payload) == 0 {
		return append(buf, eventLine...)[hub.Headroom:]
	}
	if !bytes.ContainsAny(payload, "\r\n") {
		start := hub.Headroom - len(eventData)
		copy(buf[start:], eventData)
		return append(buf, eventLine+eventLine...)[start:]
	}
	framed := make([]byte, 0, len(payload)+len(payload)/8+len(eventData)+2*len(eventLine))
	for more := true; more; {
		line := payload
		end := bytes.IndexAny(payload, "\r\n")
		if more = end >= 0; more {
			line = payload[:end]
			if payload[end] == '\r' && end+1 < len(payload) && payload[end+1] == '\n' {
				end++
			}
			payload = payload[end+1:]
		}
		framed = append(framed, eventData...)
		framed = append(framed, line...)
		framed = append(framed, eventLine...)
	}
	return append(framed, eventLine...)
}
