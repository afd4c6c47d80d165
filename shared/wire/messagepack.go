package wire

import (
	"fmt"
	"math"
	"reflect"
)

// packCodec is the "messagepack" hub protocol.
type packCodec struct{}

func (packCodec) Name() string { return "messagepack" }

func (packCodec) Binary() bool { return true }

// maxPrefix is how many bytes the length before a message may have: seven bits
// in each, the lowest first, for what fits 31 bits. Like every other server we
// take a short length in more bytes than it needs.
const maxPrefix = 5

func (packCodec) Split(buf []byte, limit int) (msg, rest []byte, err error) {
	var length uint64
	for i, b := range buf {
		length |= uint64(b&0x7f) << (7 * i)
		switch last := b < 0x80; {
		case i == maxPrefix-1 && (!last || length > math.MaxInt32):
			return nil, buf, malformed("the length before it has more than 31 bits")
		case !last:
			continue
		case length > uint64(limit):
			return nil, buf, fmt.Errorf("%w: it has more than %d bytes", ErrTooLarge, limit)
		}
		start := i + 1
		if uint64(len(buf)-start) < length {
			return nil, buf, nil
		}
		end := start + int(length)
		return buf[start:end:end], buf[end:], nil
	}
	return nil, buf, nil
}

// Ends cannot know from a piece alone. Split looks at the length only, so asking
// it for every piece costs nothing either.
func (packCodec) Ends([]byte) bool { return true }

func (packCodec) AppendArguments(dst []byte, p *Arguments, v reflect.Value) ([]byte, error) {
	start := len(dst)
	list := p.present(v)
	dst = appendPackCount(dst, packList, len(list))
	for _, a := range list {
		var err error
		if dst, err = writePack(dst, a.plan, v.Field(a.index), 2); err != nil {
			return dst[:start], inside(a.name, err)
		}
	}
	return dst, nil
}

func (packCodec) AppendValue(dst []byte, p *Plan, v reflect.Value) ([]byte, error) {
	out, err := writePack(dst, p, v, 1)
	if err != nil {
		return dst, err
	}
	return out, nil
}

func (packCodec) ReadArguments(raw []byte, p *Arguments, v reflect.Value) error {
	r := packReader{packScanner{data: raw}}
	return r.arguments(p, v)
}

func (packCodec) ReadValue(raw []byte, p *Plan, v reflect.Value) error {
	if raw == nil {
		return absent(p)
	}
	r := packReader{packScanner{data: raw}}
	if err := r.value(p, v, 1); err != nil {
		return err
	}
	return r.end()
}
