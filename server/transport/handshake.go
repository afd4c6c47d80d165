package transport

import (
	"errors"
	"fmt"

	"partline.dev/server/hub"
	"partline.dev/shared/wire"
)

// maxVersion is the newest version of the hub protocol. Version 2 is version 1
// for a client that did not negotiate stateful reconnect.
const maxVersion = 2

// opening is what a link holds until its handshake is over.
type opening struct {
	principal hub.Principal
	address   string
	deflate   bool
	stop      func() bool // the timer; nil before there is one
	partial   []byte      // the beginning of the handshake
}

// The texts that SignalR's clients know.
const (
	textHandshakeCanceled = "Handshake was canceled."
	textHandshakeFailed   = "An unexpected error occurred during connection handshake."
)

var errHandshake = errors.New("the handshake was refused")

// handshake takes a piece of the client's first record, and opens the connection
// when it is whole. Rest belongs to the hub protocol.
func (l *link) handshake(p []byte) (rest []byte, err error) {
	o := l.opening
	o.partial = append(o.partial, p...)
	asked, rest, ok, err := wire.ReadHandshake(o.partial)
	switch {
	case errors.Is(err, wire.ErrTooLarge):
		return nil, l.refuse(textHandshakeCanceled, hub.CloseReason{Code: hub.CodeTooLarge, Text: "handshake too long"}, err)
	case err != nil:
		return nil, l.refuse(textHandshakeFailed, hub.CloseReason{Code: hub.CodeProtocol, Text: "malformed handshake"}, err)
	case !ok:
		return nil, nil
	}
	spoken := findProtocol(asked.Protocol)
	if spoken == nil {
		text := fmt.Sprintf("The protocol '%s' is not supported.", asked.Protocol)
		return nil, l.refuse(text, hub.CloseReason{Text: "unknown protocol"}, errHandshake)
	}
	if asked.Version > maxVersion {
		text := fmt.Sprintf("The server does not support version %d of the '%s' protocol.", asked.Version, asked.Protocol)
		return nil, l.refuse(text, hub.CloseReason{Text: "unknown version"}, errHandshake)
	}
	if !l.passed() {
		return nil, errHandshake // the timeout has just answered
	}
	l.outbox.encoding = spoken.encoding(o.deflate)
	// The answer is in the queue before anything of the core's, and goes out when
	// the connection is in its rooms: whoever has heard it misses nothing.
	if err := l.outbox.hold(frame(spoken.first, wire.AppendHandshakeReply(headroom(), ""))); err != nil {
		return nil, err // the host stops
	}
	h := l.handler
	l.conn, err = h.core.Open(hub.OpenOptions{Hub: h.hub, ID: l.id, Codec: spoken.codec, Sink: &l.outbox, Principal: o.principal})
	if err != nil {
		return nil, l.turnAway(spoken, err)
	}
	l.outbox.release()
	return rest, nil
}

// turnAway ends a link whose handshake was right but for which the core has no
// connection.
func (l *link) turnAway(p *protocol, err error) error {
	m := wire.Message{Kind: wire.Close}
	reason := goingAway
	if errors.Is(err, hub.ErrDraining) {
		m.AllowReconnect = true
	} else {
		m.HasError, m.Error = true, []byte("Connection closed with an error.")
		reason = hub.CloseReason{Code: hub.CodeInternal, Text: "the connection could not be opened"}
		l.handler.host.options.Log.Error("a connection could not be opened", "connection", l.id, "hub", l.handler.hub, "error", err)
	}
	_ = l.outbox.enqueue(frame(p.first, p.codec.Append(headroom(), &m)))
	l.outbox.Close(reason)
	return err
}

// refuse answers a handshake with an error and ends the link.
func (l *link) refuse(text string, reason hub.CloseReason, err error) error {
	l.handler.host.options.Log.Info("refused a handshake", "connection", l.id, "hub", l.handler.hub, "reason", reason.Text, "error", err)
	_ = l.outbox.enqueue(frame(frameText, wire.AppendHandshakeReply(headroom(), text)))
	l.outbox.Close(reason)
	return err
}

// handshakeTimedOut ends a link whose handshake did not come. It runs in the
// wheel's goroutine.
func (l *link) handshakeTimedOut() {
	_ = l.refuse(textHandshakeCanceled, hub.CloseReason{Code: hub.CodePolicy, Text: "handshake timeout"}, errHandshake)
}

// passed notes that the link is not in its handshake any more. It reports whether
// the timeout has not come and will not.
func (l *link) passed() bool {
	o := l.opening
	if o == nil {
		return true
	}
	l.opening = nil
	host := l.handler.host
	host.handshakes.remove(o.address)
	host.stats.handshaking.Add(-1)
	return o.stop == nil || o.stop()
}

// headroom is an empty message with room for its frame's header.
func headroom() []byte { return make([]byte, hub.Headroom, hub.Headroom+64) }
