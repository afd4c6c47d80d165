package transport

import (
	"context"

	"partline.dev/server/front"
	"partline.dev/server/handshake"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
)

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

// newHubSide counts one more handshake of the client's address, or says that
// there are too many.
func newHubSide(c *connection, o *opening) (side, *front.Refusal) {
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
		return nil, handshake.Err // it was refused before
	}
	o.partial = append(o.partial, p...)
	begun, refused := handshake.Read(o.partial, s.connection.handler.findProtocol)
	link, spoken := s.connection.link, begun.Protocol
	switch {
	case refused != nil:
		return nil, s.refuse(refused)
	case !begun.Done:
		return nil, nil
	case !link.speak(spoken):
		return nil, s.refuse(handshake.NoBinary(spoken.codec.Name()))
	}
	if !s.passed() {
		return nil, handshake.Err // the timeout has just answered
	}
	// The answer is in the queue before anything of the core's, and goes out when
	// the connection is in its rooms: whoever has heard it misses nothing.
	if err := link.hold(link.wrap(spoken.codec.Binary(), handshake.Agree(headroom()))); err != nil {
		return nil, err // the host stops
	}
	c := s.connection
	sink, replay := hub.Sink(link), (*replay)(nil)
	if c.resumes && begun.Version == handshake.MaxVersion {
		replay = newReplay(c, spoken, link)
		sink = replay
	}
	s.conn, err = c.handler.core.Open(hub.OpenOptions{
		Hub: c.handler.hub, ID: c.id, Codec: spoken.codec, Sink: sink, Principal: o.principal, Where: o.where,
		Context: o.request, Transport: c.transport.String(), Quiet: c.transport == front.LongPolling,
	})
	if err != nil {
		return nil, s.turnAway(spoken, err)
	}
	if replay != nil {
		replay.conn, c.replay = s.conn, replay
	}
	link.release()
	return begun.Rest, nil
}

// turnAway ends a link whose handshake was right but for which the core has no
// connection.
func (s *hubSide) turnAway(p *protocol, err error) error {
	m := handshake.TurnedAway(err)
	link := s.connection.link
	_ = link.enqueue(link.wrap(p.codec.Binary(), p.codec.Append(headroom(), &m)))
	s.connection.turnAway(err)
	return err
}

// refuse answers a handshake with an error and ends the link.
func (s *hubSide) refuse(r *handshake.Refusal) error {
	if host := s.host(); host.refusals.allow(host.wheel.now()) {
		host.options.Log.Info("refused a handshake", "connection", s.connection.id, "hub", s.connection.handler.hub, "reason", r.Reason.Text, "error", r.Err)
	}
	link := s.connection.link
	_ = link.enqueue(link.wrap(false, r.Reply(headroom())))
	link.Close(r.Reason)
	return r.Err
}

// handshakeTimedOut ends a link whose handshake did not come. It runs in the
// wheel's goroutine.
func (s *hubSide) handshakeTimedOut() {
	_ = s.refuse(handshake.TimedOut())
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
