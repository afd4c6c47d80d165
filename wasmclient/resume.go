package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"partline.dev/shared/wire"
)

// resumeWithin is how long after the loss of its link a connection may be
// resumed: so long do hubs keep one.
const resumeWithin = 15 * time.Second

// errForgotten says that the hub does not know the connection any more.
var errForgotten = errors.New("the hub does not know the connection any more")

// resume gives the session whose link was lost another one. The first attempt is
// made at once. If none succeeds, the connection is lost as any other.
func (s *session) resume(ctx context.Context, why error, say func(State)) error {
	ctx, cancel := context.WithTimeout(ctx, resumeWithin)
	defer cancel()
	row := newRetries(s.c.options.RetryBase, s.c.options.RetryMax)
	for attempt := 1; ; attempt++ {
		say(State{Phase: Reconnecting, Err: why, Attempt: attempt})
		err := s.tryResume(ctx)
		if err == nil || errors.Is(err, errForgotten) || errors.Is(err, errMissed) || attempt == resumeTries {
			return err
		}
		why = err
		wait := row.next()
		s.c.forgetAgain()
		say(State{Phase: Reconnecting, Err: why, Attempt: attempt, RetryAt: time.Now().Add(wait)})
		if !sleep(ctx, wait, s.c.again) {
			return why
		}
	}
}

// tryResume opens a link, and hears and says from which number on messages come
// again. There is no other handshake.
func (s *session) tryResume(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, min(resumeWithin, s.c.options.HandshakeTimeout)/3, errNoAnswer)
	defer cancel()
	l, err := s.reopen(ctx)
	if err != nil {
		return fmt.Errorf("the connection cannot be resumed: %w", orNoAnswer(ctx, err))
	}
	s.attach(l)
	if err := s.agreeOnNumbers(ctx); err != nil {
		l.Close()
		return fmt.Errorf("the connection cannot be resumed: %w", orNoAnswer(ctx, err))
	}
	s.out.resume()
	return nil
}

func (s *session) agreeOnNumbers(ctx context.Context) error {
	defer closeWhenDone(ctx, s.link)()
	first := wire.Message{Kind: wire.Sequence, SequenceID: s.out.firstKept()}
	if err := s.link.Write(s.c.codec.Append(nil, &first)); err != nil {
		return err
	}
	for {
		n, err := s.link.Read(s.chunk)
		if err != nil {
			return err
		}
		s.received = append(s.received, s.chunk[:n]...)
		for {
			msg, rest, err := s.c.codec.Split(s.received, s.c.options.ReceiveLimit)
			if msg == nil && err == nil {
				break
			}
			var m wire.Message
			if err == nil {
				err = s.c.codec.Decode(msg, &m)
			}
			if err != nil {
				return fmt.Errorf("the hub broke the protocol: %w", err)
			}
			s.received = rest // what comes before it is not numbered, and comes again
			switch m.Kind {
			case wire.Sequence:
				return s.sequence.reset(m.SequenceID)
			case wire.Close:
				return errForgotten
			}
		}
	}
}

// receiveCounted is receive on a connection that can be resumed: what was taken
// in before is left out.
func (s *session) receiveCounted(m *wire.Message, size int) error {
	switch {
	case m.Kind == wire.Ack:
		if err := s.out.confirm(m.SequenceID); err != nil {
			return fmt.Errorf("the hub broke the protocol: %w", err)
		}
		return nil
	case m.Kind == wire.Sequence:
		return s.sequence.reset(m.SequenceID)
	case !counts(m.Kind):
		return s.receive(m)
	}
	if s.sequence.isNew() {
		if err := s.receive(m); err != nil {
			return err // not taken in
		}
	}
	first, now := s.sequence.received(size)
	switch {
	case now:
		s.acknowledge()
	case first:
		signal(s.news)
	}
	return nil
}

// acknowledge tells the hub what has arrived, if it does not know.
func (s *session) acknowledge() {
	if number, ok := s.sequence.acknowledge(); ok {
		s.out.putSmall(s.c.codec.Append(nil, &wire.Message{Kind: wire.Ack, SequenceID: number}), false)
	}
}
