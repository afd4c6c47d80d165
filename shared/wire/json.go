package wire

import (
	"bytes"
	"fmt"
	"reflect"
)

// separator ends every record of the JSON protocol and every handshake. Inside
// JSON text it can only stand escaped.
const separator = 0x1e

// jsonCodec is the "json" hub protocol, with names of one naming.
type jsonCodec struct{ names naming }

func (jsonCodec) Name() string { return "json" }

func (jsonCodec) Binary() bool { return false }

func (jsonCodec) Split(buf []byte, limit int) (msg, rest []byte, err error) {
	return splitRecord(buf, limit)
}

func (jsonCodec) Ends(p []byte) bool { return bytes.IndexByte(p, separator) >= 0 }

// splitRecord cuts buf after the first separator.
func splitRecord(buf []byte, limit int) (msg, rest []byte, err error) {
	window := buf
	if len(window) > limit {
		window = window[:limit+1] // enough to know that it is too much
	}
	i := bytes.IndexByte(window, separator)
	switch {
	case i >= 0:
		return buf[:i:i], buf[i+1:], nil
	case len(buf) > limit:
		return nil, buf, fmt.Errorf("%w: it has more than %d bytes", ErrTooLarge, limit)
	}
	return nil, buf, nil
}

func (c jsonCodec) AppendArguments(dst []byte, p *Arguments, v reflect.Value) ([]byte, error) {
	return jsonWriter(c).arguments(dst, p, v)
}

func (c jsonCodec) AppendValue(dst []byte, p *Plan, v reflect.Value) ([]byte, error) {
	out, err := jsonWriter(c).value(dst, p, v, 1)
	if err != nil {
		return dst, err
	}
	return out, nil
}

func (c jsonCodec) ReadArguments(raw []byte, p *Arguments, v reflect.Value) error {
	r := jsonReader{scanner{data: raw}, c.names}
	return r.arguments(p, v)
}

func (c jsonCodec) ReadValue(raw []byte, p *Plan, v reflect.Value) error {
	if raw == nil {
		return absent(p)
	}
	r := jsonReader{scanner{data: raw}, c.names}
	return r.whole(p, v)
}

// absent reads a value that is not there.
func absent(p *Plan) error {
	if p.shape == shapeNone {
		return nil
	}
	return mismatch("nothing", p)
}
