package hub

import (
	"sync"
	"sync/atomic"

	"partline.dev/shared/wire"
)

// Headroom is how many bytes a framing may put before a payload without
// copying it: the longest header of an unmasked WebSocket frame.
const Headroom = 10

// maxEncodings bounds the (codec, framing) pairs of one program: three codecs,
// each as WebSocket frame, compressed frame, server-sent event and bare bytes, as
// many for raw hubs, and the items of SignalR 2.
const maxEncodings = 24

// Encoding is one way a message can stand on a link: a codec and a framing. It
// is a package variable of whoever serves the link, because an [Event] keeps
// its bytes by encoding.
type Encoding struct {
	codec wire.Codec
	frame func(buf []byte) []byte
	slot  int
}

var (
	encodingsMu sync.Mutex // Protects following.
	encodings   int
)

// NewEncoding returns the encoding of codec's messages by frame. frame is given
// a buffer whose first [Headroom] bytes are free and whose rest is the payload,
// and returns the framed bytes; it may write into the headroom and return a
// part of the buffer. Nil means no framing. It panics past 24 encodings.
func NewEncoding(codec wire.Codec, frame func(buf []byte) []byte) *Encoding {
	encodingsMu.Lock()
	defer encodingsMu.Unlock()
	if encodings == maxEncodings {
		panic("hub: more than 24 encodings")
	}
	if frame == nil {
		frame = func(buf []byte) []byte { return buf[Headroom:] }
	}
	encodings++
	return &Encoding{codec: codec, frame: frame, slot: encodings - 1}
}

// Codec is the codec whose messages the encoding frames.
func (e *Encoding) Codec() wire.Codec { return e.codec }

// Event is one message on its way to any number of connections. Its bytes are
// made once for each [Encoding] that asks and then shared: nobody may change
// them. An Event may be used from any goroutine.
type Event struct {
	kind  wire.Kind
	write func(dst []byte, codec wire.Codec) ([]byte, error)

	bytes [maxEncodings]atomic.Pointer[[]byte]

	mu sync.Mutex // held while bytes are made, so that they are made once
}

// newEvent returns the event whose message, of that kind, write appends.
func newEvent(kind wire.Kind, write func(dst []byte, codec wire.Codec) ([]byte, error)) *Event {
	return &Event{kind: kind, write: write}
}

// Numbered tells whether the event counts under stateful reconnect: see
// [Replayer].
func (e *Event) Numbered() bool { return numbered(e.kind) }

// Last tells whether the event says that the connection ends. A [Sink] takes it
// also when its queue is full.
func (e *Event) Last() bool { return e.kind == wire.Close }

// Bytes are the event's framed bytes, made at the first call. They must be
// asked for before the call that sends the event returns, while the published
// value still is what it was.
func (e *Event) Bytes(enc *Encoding) ([]byte, error) {
	if b := e.bytes[enc.slot].Load(); b != nil {
		return *b, nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if b := e.bytes[enc.slot].Load(); b != nil {
		return *b, nil
	}
	buf, err := e.write(make([]byte, Headroom, Headroom+256), enc.codec)
	if err != nil {
		return nil, err
	}
	framed := enc.frame(buf)
	e.bytes[enc.slot].Store(&framed)
	return framed, nil
}

// size is how long the event is in the longest of the encodings that were made.
func (e *Event) size() (n int) {
	for i := range e.bytes {
		if b := e.bytes[i].Load(); b != nil {
			n = max(n, len(*b))
		}
	}
	return n
}
