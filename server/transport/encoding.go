package transport

import (
	"bytes"
	"compress/flate"
	"sync"

	"partline.dev/server/hub"
	"partline.dev/shared/wire"
)

// deflateFrom is the shortest payload that is compressed: below it the bytes
// saved are not worth the time of whoever inflates them.
const deflateFrom = 1 << 10

// protocol is one codec and the ways its messages stand on links.
type protocol struct {
	codec     wire.Codec
	encodings [framings]*hub.Encoding // nil: that link cannot carry the codec
}

// The hub protocols that a handshake can ask for: at most handlers, and at those
// that write names as they were declared.
var (
	messagePack      = newProtocol(wire.MessagePack)
	protocols        = []*protocol{newProtocol(wire.JSON), messagePack}
	protocolsAsNamed = []*protocol{newProtocol(wire.JSONAsDeclared), messagePack}
)

func newProtocol(codec wire.Codec) *protocol {
	p := &protocol{codec: codec}
	for f := range framings {
		if f != eventFrames || !codec.Binary() {
			p.encodings[f] = hub.NewEncoding(codec, func(buf []byte) []byte { return f.wrap(codec.Binary(), buf) })
		}
	}
	return p
}

// findProtocol returns the protocol called name at h.
func (h *Handler) findProtocol(name string) (p *protocol, ok bool) {
	known := protocols
	if h.options.NamesAsDeclared {
		known = protocolsAsNamed
	}
	for _, p := range known {
		if p.codec.Name() == name {
			return p, true
		}
	}
	return nil, false
}

// deflaters are compressors, each of which holds over a megabyte.
var deflaters = sync.Pool{New: func() any {
	w, err := flate.NewWriter(nil, flate.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return w
}}

// deflatedFrame is frame with a compressed payload, if that is long enough and
// gets shorter. No frame refers to an earlier one, so all links may share it.
func deflatedFrame(first byte, buf []byte) []byte {
	payload := buf[hub.Headroom:]
	if len(payload) <= deflateFrom {
		return frame(first, buf)
	}
	out := bytes.NewBuffer(make([]byte, hub.Headroom, hub.Headroom+len(payload)/2))
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	w.Reset(out)
	// Writing to a bytes.Buffer cannot fail.
	_, _ = w.Write(payload)
	_ = w.Flush()
	deflated := bytes.TrimSuffix(out.Bytes(), []byte{0, 0, 0xFF, 0xFF})
	if len(deflated) >= len(buf) {
		return frame(first, buf)
	}
	return frame(first|frameDeflated, deflated)
}
