package client

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"partline.dev/shared/wire"
)

// errDropped ends a reader whose link is not wanted any more, with a message
// that found no room.
var errDropped = errors.New("the message was not taken in")

// read is the session's reader. It ends with the link, or with the reason to
// end it.
func (s *session) read() error {
	limit, codec := s.c.options.ReceiveLimit, s.c.codec
	piece := s.received // also what came with the handshake
	for {
		if len(s.received) > limit || codec.Ends(piece) {
			buf := s.received
			for {
				rest, err := s.receiveNext(buf, limit)
				if err != nil {
					return err
				}
				if len(rest) == len(buf) {
					break
				}
				buf = rest
			}
			s.received = append(s.received[:0], buf...)
			if len(buf) == 0 && cap(s.received) > len(s.chunk) {
				s.received = nil // one large message does not hold its memory for ever
			}
		}
		n, err := s.link.Read(s.chunk)
		if err != nil {
			return &lostError{err}
		}
		piece = s.chunk[:n]
		s.received = append(s.received, piece...)
		s.heardAt.Store(int64(time.Since(s.begun)))
		// A hidden browser tab has few timers, but what arrives is told.
		if s.pings() && s.silentFor() >= s.c.options.KeepAlive/2 {
			s.ping()
		}
	}
}

// receiveNext acts on the first message in buf, if it is whole, and returns what
// follows it.
func (s *session) receiveNext(buf []byte, limit int) (rest []byte, err error) {
	msg, rest, err := s.c.codec.Split(buf, limit)
	if msg == nil && err == nil {
		return buf, nil
	}
	var m wire.Message
	if err == nil {
		err = s.c.codec.Decode(msg, &m)
	}
	if err != nil {
		return nil, fmt.Errorf("the hub broke the protocol: %w", err)
	}
	if s.reopen == nil {
		return rest, s.receive(&m)
	}
	return rest, s.receiveCounted(&m, len(msg))
}

// receive acts on one message of the hub's. Kinds that a hub has no reason to
// send, or that nobody knows yet, are skipped.
func (s *session) receive(m *wire.Message) error {
	switch m.Kind {
	case wire.Invocation:
		if m.InvocationID != nil {
			return s.receiveQuery(m)
		}
		return s.receiveEvent(m)
	case wire.StreamItem:
		return s.receiveItem(m)
	case wire.Completion:
		s.receiveAnswer(m)
	case wire.CancelInvocation:
		s.cancelQuery(string(m.InvocationID))
	case wire.Close:
		s.receiveClose(m)
		if s.transport == ServerSentEvents {
			return ErrHubClosed // nothing follows, and the hub waits for its client to go
		}
	}
	return nil
}

func (s *session) receiveEvent(m *wire.Message) error {
	e := event{
		target: strings.ToLower(string(m.Target)), arguments: append([]byte(nil), m.Arguments...), headers: m.Headers,
	}
	return putOrWait(s, &s.c.events.inbox, e, nil, func() error { return errSlowHandlers })
}

// putOrWait puts what arrived where it waits to be read. While there is no room
// nothing else is read. When that has lasted for the ServerTimeout and a call
// waits for its answer, tooSlow is called; its error ends the session. Gone may
// say that nobody reads any more.
func putOrWait[T sized](s *session, into *inbox[T], v T, gone <-chan struct{}, tooSlow func() error) error {
	if into.tryPut(v) {
		return nil
	}
	s.stuck.Store(true)
	defer s.stuck.Store(false)
	err := into.put(v, s.quit, gone, s.c.options.ServerTimeout, func() error {
		s.mu.Lock()
		waits := len(s.calls) > 0
		s.mu.Unlock()
		if waits {
			return tooSlow()
		}
		return nil
	})
	s.heardAt.Store(int64(time.Since(s.begun))) // the clock starts when reading does
	return err
}

// receiveClose notes that the hub closes the connection. The link is read on
// until it ends.
func (s *session) receiveClose(m *wire.Message) {
	err := ErrHubClosed
	if m.HasError && len(m.Error) > 0 {
		err = fmt.Errorf("%w: %w", ErrHubClosed, hubError(m.Error))
	}
	s.mu.Lock()
	first := s.err == nil
	if first {
		s.err, s.sentAway = err, !m.AllowReconnect
	}
	s.mu.Unlock()
	if first {
		close(s.goodbye)
	}
	s.end()
}
