package transport

import (
	"context"
	"errors"
	"fmt"

	"partline.dev/server/hub"
	"partline.dev/shared/access"
	"partline.dev/shared/wire"
)

// maxVersion is the newest version of the hub protocol. Version 2 is version 1
// for a client that did not negotiate stateful reconnect, and a client that did
// can still decline it by version 1.
const maxVersion = 2

// hubSide is the way of a connection to its hub: first the handshake, which names
// a codec, then the hub's messages. The connection's mutex protects it.
type hubSide struct {
	connection *connection
	conn       *hub.Conn // nil before the handshake
	opening    *opening  // nil after it
}

// opening is what is held until the handshake is over.
type opening struct {
	request   context.Context // of the request that opened the link
	principal hub.Principal
	where     access.Where
	stop      func() bool // the timer; nil before there is one
	partial   []byte      // the beginning of the handshake
}

// The texts that SignalR's clients know.
const (
	textHandshakeCanceled = "Handshake was canceled."
	textHandshakeFailed   = "An unexpected error occurred during connection handshake."
	textNoBinary          = "Cannot use the '%s' protocol on the current transport. The transport does not support 'Binary' transfer format."
)

var errHandshake = errors.New("the handshake was refused")

// newHubSide counts one more handshake of the client's address, or says that
// there are too many.
func newHubSide(c *connection, o *opening) (side, *refusal) {
	host := c.host
	if !host.handshakes.add(c.address) {
		return nil, errHandshakes
	}
	host.stats.handshaking.Add(1)
	return &hubSide{connection: c, opening: o}, nil
}

func (s *hubSide) host() *Host { return s.connection.host }

func (s *hubSide) begin() {
	if s.opening != nil {
		host := s.host()
		s.opening.stop = host.wheel.after(host.options.HandshakeTimeout.Milliseconds(), s.handshakeTimedOut)
	}
}

func (s *hubSide) receive(p []byte) (wait <-chan struct{}, err error) {
	if s.conn == nil {
		rest, err := s.handshake(p)
		if err != nil || len(rest) == 0 {
			return nil, err
		}
		p = rest
	}
	if r := s.connection.replay; r != nil {
		r.release()
	}
	return s.conn.Receive(p)
}

func (s *hubSide) renew(principal hub.Principal) {
	switch {
	case s.opening != nil:
		s.opening.principal = principal
	case s.conn != nil:
		_ = s.conn.SetPrincipal(principal) // it is allowed, and who is gone needs no renewal
	}
}

func (s *hubSide) closed(err error) {
	s.passed()
	if s.conn != nil {
		s.conn.LinkClosed(err)
	}
}

// handshake takes a piece of the client's first record, and opens the connection
// when it is whole. Rest belongs to the hub protocol.
func (s *hubSide) handshake(p []byte) (rest []byte, err error) {
	o := s.opening
	if o == nil {
		return nil, errHandshake // it was refused before
	}
	o.partial = append(o.partial, p...)
	asked, rest, ok, err := wire.ReadHandshake(o.partial)
	switch {
	case errors.Is(err, wire.ErrTooLarge):
		return nil, s.refuse(textHandshakeCanceled, hub.CloseReason{Code: hub.CodeTooLarge, Text: "handshake too long"}, err)
	case err != nil:
		return nil, s.refuse(textHandshakeFailed, hub.CloseReason{Code: hub.CodeProtocol, Text: "malformed handshake"}, err)
	case !ok:
		return nil, nil
	}
	link := s.connection.link
	spoken := s.connection.handler.findProtocol(asked.Protocol)
	if spoken == nil {
		text := fmt.Sprintf("The protocol '%s' is not supported.", asked.Protocol)
		return nil, s.refuse(text, hub.CloseReason{Text: "unknown protocol"}, errHandshake)
	}
	if asked.Version > maxVersion {
		text := fmt.Sprintf("The server does not support version %d of the '%s' protocol.", asked.Version, asked.Protocol)
		return nil, s.refuse(text, hub.CloseReason{Text: "unknown version"}, errHandshake)
	}
	if !link.speak(spoken) {
		return nil, s.refuse(fmt.Sprintf(textNoBinary, asked.Protocol), hub.CloseReason{Text: "binary protocol on a text transport"}, errHandshake)
	}
	if !s.passed() {
		return nil, errHandshake // the timeout has just answered
	}
	// The answer is in the queue before anything of the core's, and goes out when
	// the connection is in its rooms: whoever has heard it misses nothing.
	if err := link.hold(link.wrap(spoken.codec.Binary(), wire.AppendHandshakeReply(headroom(), ""))); err != nil {
		return nil, err // the host stops
	}
	c := s.connection
	sink, replay := hub.Sink(link), (*replay)(nil)
	if c.resumes && asked.Version == maxVersion {
		replay = newReplay(c, spoken, link)
		sink = replay
	}
	s.conn, err = c.handler.core.Open(hub.OpenOptions{
		Hub: c.handler.hub, ID: c.id, Codec: spoken.codec, Sink: sink, Principal: o.principal, Where: o.where,
		Context: o.request, Transport: c.transport.String(), Quiet: c.transport == LongPolling,
	})
	if err != nil {
		return nil, s.turnAway(spoken, err)
	}
	if replay != nil {
		replay.conn, c.replay = s.conn, replay
	}
	link.release()
	return rest, nil
}

// turnAway ends a link whose handshake was right but for which the core has no
// connection.
func (s *hubSide) turnAway(p *protocol, err error) error {
	m := wire.Message{Kind: wire.Close}
	var public *access.Refusal
	switch {
	case errors.Is(err, hub.ErrDraining):
		m.AllowReconnect = true
	case errors.As(err, &public):
		m.HasError, m.Error = true, []byte(public.Error())
		m.AllowReconnect = public.Code == access.CodeConnections // when there is room
	default:
		m.HasError, m.Error = true, []byte("Connection closed with an error.")
	}
	link := s.connection.link
	_ = link.enqueue(link.wrap(p.codec.Binary(), p.codec.Append(headroom(), &m)))
	s.connection.turnAway(err)
	return err
}

// refuse answers a handshake with an error and ends the link.
func (s *hubSide) refuse(text string, reason hub.CloseReason, err error) error {
	if host := s.host(); host.refusals.allow(host.wheel.now()) {
		host.options.Log.Info("refused a handshake", "connection", s.connection.id, "hub", s.connection.handler.hub, "reason", reason.Text, "error", err)
	}
	link := s.connection.link
	_ = link.enqueue(link.wrap(false, wire.AppendHandshakeReply(headroom(), text)))
	link.Close(reason)
	return err
}

// handshakeTimedOut ends a link whose handshake did not come. It runs in the
// wheel's goroutine.
func (s *hubSide) handshakeTimedOut() {
	_ = s.refuse(textHandshakeCanceled, hub.CloseReason{Code: hub.CodePolicy, Text: "handshake timeout"}, errHandshake)
}

// passed notes that the connection is not in its handshake any more. It reports
// whether the timeout has not come and will not.
func (s *hubSide) passed() bool {
	o := s.opening
	if o == nil {
		return true
	}
	s.opening = nil
	host := s.host()
	host.handshakes.remove(s.connection.address)
	host.stats.handshaking.Add(-1)
	return o.stop == nil || o.stop()
}

// headroom is an empty message with room for its frame's header.
func headroom() []byte { return make([]byte, hub.Headroom, hub.Headroom+64) }
