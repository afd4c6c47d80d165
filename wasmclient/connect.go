package client

import (
	"context"
	"errors"
	"fmt"

	"partline.dev/shared/wire"
)

// openError is why a transport does not carry a connection, so that another may
// be tried.
type openError struct {
	transport Transport
	left      Transport // what the hub offers besides
	err       error
}

func (e *openError) Error() string { return e.err.Error() }
func (e *openError) Unwrap() error { return e.err }

// connect makes a session, over the first transport that carries one.
func (c *Client) connect(ctx context.Context, with carrier, at *address, ways *choice) (*session, error) {
	var tried Transport
	var why error
	for {
		s, err := c.attempt(ctx, with, at, ways, tried)
		if err == nil {
			ways.opened(s.transport, tried)
			return s, nil
		}
		failed, ok := errors.AsType[*openError](err)
		if !ok || ctx.Err() != nil {
			return nil, err
		}
		if tried |= failed.transport; why == nil {
			why = failed.err
		} else {
			why = fmt.Errorf("%w; %w", why, failed.err)
		}
		if failed.left == 0 {
			ways.nothingOpens()
			return nil, why
		}
		if !ways.failed(failed.transport) {
			return nil, why
		}
	}
}

// attempt makes a session over the best transport that was not tried yet.
func (c *Client) attempt(ctx context.Context, with carrier, at *address, ways *choice, tried Transport) (*session, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.options.HandshakeTimeout, errNoAnswer)
	defer cancel()
	a, err := c.negotiate(ctx, with, at)
	if err != nil {
		return nil, orNoAnswer(ctx, err)
	}
	left := a.offers & c.options.Transports &^ tried
	if left == 0 {
		return nil, fmt.Errorf("the hub offers no %v", c.options.Transports&^tried)
	}
	t := ways.next(left)
	if left &^= t; left != 0 {
		// A network that swallows what it does not know lets one wait.
		ctx, cancel = context.WithTimeoutCause(ctx, c.options.HandshakeTimeout/3, errNoAnswer)
		defer cancel()
	}
	s, err := c.openSession(ctx, with, a, t)
	if err == nil {
		return s, nil
	}
	if _, refused := errors.AsType[*Error](err); refused {
		return nil, err
	}
	return nil, &openError{transport: t, left: left, err: orNoAnswer(ctx, err)}
}

// orNoAnswer is err, or that the time is over: what it broke off says less.
func orNoAnswer(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errNoAnswer) {
		return errNoAnswer
	}
	return err
}

// openSession opens one transport, and agrees with the hub on the protocol.
func (c *Client) openSession(ctx context.Context, with carrier, a *agreement, t Transport) (*session, error) {
	l, err := c.openLink(ctx, with, a, t)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.failed(), err)
	}
	s := newSession(c, l, t, a)
	if a.resumes && c.options.resume() && t == WebSockets {
		s.makeResumable(func(ctx context.Context) (link, error) {
			if _, err := a.bearer.renew(ctx); err != nil {
				return nil, err
			}
			return c.openLink(ctx, with, a, t)
		})
	}
	if err := s.handshake(ctx); err != nil {
		l.Close()
		return nil, err
	}
	return s, nil
}

func (c *Client) openLink(ctx context.Context, with carrier, a *agreement, t Transport) (link, error) {
	binary := c.codec.Binary()
	x := exchange{carrier: with, at: a.at.connection(a.token), bearer: a.bearer, binary: binary}
	switch t {
	case WebSockets:
		token := a.bearer.get()
		if socketsShowTokens && a.said != nil {
			token = "" // such a hub knows by the connection's token who it is
		}
		return with.Dial(ctx, a.at.socket(a.token), token, binary)
	case ServerSentEvents:
		return openEvents(ctx, x)
	default:
		return openPoll(ctx, x)
	}
}

// handshake agrees with the hub on the protocol.
func (s *session) handshake(ctx context.Context) error {
	defer closeWhenDone(ctx, s.link)()
	ask := wire.AppendHandshake(nil, wire.Handshake{Protocol: s.c.codec.Name(), Version: s.version()})
	if err := s.link.Write(ask); err != nil {
		return fmt.Errorf("no handshake with the hub: %w", err)
	}
	for {
		n, err := s.link.Read(s.chunk)
		if err != nil {
			return fmt.Errorf("no handshake with the hub: %w", err)
		}
		s.received = append(s.received, s.chunk[:n]...)
		said, rest, ok, err := wire.ReadHandshakeReply(s.received)
		switch {
		case err != nil:
			return fmt.Errorf("what answers is not a hub: %w", err)
		case ok && said != "":
			return fmt.Errorf("the hub refuses a connection: %w", hubError([]byte(said)))
		case ok:
			s.received = rest
			return nil
		}
	}
}
