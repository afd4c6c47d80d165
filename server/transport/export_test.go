package transport

import (
	"context"
	"net"

	"partline.dev/server/hub"
	"partline.dev/shared/access"
)

// Wheel is the timer wheel.
type Wheel = wheel

func NewWheel() *Wheel                                { return newWheel() }
func (w *wheel) Now() int64                           { return w.now() }
func (w *wheel) After(ms int64, f func()) func() bool { return w.after(ms, f) }
func (w *wheel) Close()                               { w.close() }
func (w *wheel) Running() bool                        { w.mu.Lock(); defer w.mu.Unlock(); return w.running }
func (h *Host) Wheel() *Wheel                         { return h.wheel }
func (h *Host) Wait(ctx context.Context) error        { return h.tasks.wait(ctx) }
func ParseToken(s string) (string, bool)              { t, ok := parseToken(s); return t.String(), ok }

const (
	WheelTick = wheelTick
	FrameCost = frameCost
	ChunkSize = chunkSize
)

// Outbox is an outbox without a link: whoever tests it reads for it.
type Outbox struct{ o outbox }

// NewOutbox returns the outbox of conn for plain JSON.
func NewOutbox(h *Host, conn net.Conn) *Outbox {
	o := &Outbox{}
	o.o.init(h, conn)
	o.o.speak(protocols[0])
	return o
}

func (o *Outbox) Sink() hub.Sink             { return &o.o }
func (o *Outbox) Enqueue(frame []byte) error { return o.o.enqueue(frame) }
func (o *Outbox) Control(frame []byte) error { return o.o.control(frame) }
func (o *Outbox) Linger() (whole bool)       { return o.o.linger(make([]byte, 64)) }
func (o *Outbox) Sealing() <-chan struct{}   { return o.o.sealing() }
func (o *Outbox) Cause() error               { _, _, err := o.o.state(); return err }

// AppendClose appends a close frame.
func AppendClose(reason hub.CloseReason) []byte { return closeFrame(reason) }

// MessageFrame is a text frame.
func MessageFrame(payload string) []byte {
	return frame(frameText, append(make([]byte, hub.Headroom), payload...))
}

// ErrSendTimeout is what OnDisconnect hears of a client that does not read.
var ErrSendTimeout = errSendTimeout

// Mailbox is a mailbox without a link.
type Mailbox struct{ m mailbox }

func NewMailbox(h *Host) *Mailbox {
	m := &Mailbox{}
	m.m.init(h, noFrames)
	return m
}

func (m *Mailbox) Hold(frame string) error { return m.m.hold([]byte(frame)) }
func (m *Mailbox) Release()                { m.m.release() }
func (m *Mailbox) Mail() <-chan struct{}   { return m.m.mail() }
func (m *Mailbox) Fetch() (first string, last bool) {
	batch, last := m.m.fetch()
	return string(batch.peek()), last
}
func (m *Mailbox) Close() { m.m.Close(hub.CloseReason{}) }

// ErrNoPoll is what it hears of one that has not polled.
var ErrNoPoll = errNoPoll

// Event is payload as a server-sent event.
func Event(payload string) string {
	return string(event(append(make([]byte, hub.Headroom), payload...)))
}

// ErrLost is what it hears of one whose link was lost.
var ErrLost = errLost

// Stopping tells whether Shutdown has begun.
func (h *Host) Stopping() bool { return h.stopping() }

// DropQueue forgets what is queued and not being written.
func (o *Outbox) DropQueue() {
	o.o.mu.Lock()
	defer o.o.mu.Unlock()
	o.o.queue.drop()
}

// JSON is the codec of NewOutbox.
var JSON = protocols[0].codec

// PackWhere packs w and unpacks it.
func PackWhere(w access.Where) (again access.Where, ok bool) {
	packed, ok := packWhere(w)
	return packed.unpack(), ok
}
