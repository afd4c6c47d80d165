package hub

import (
	"context"
	"errors"

	"partline.dev/shared/wire"
)

// closing says how a connection ends.
type closing struct {
	reason         CloseReason
	err            error // what OnDisconnect hears; nil: in good order
	say            bool  // tell the client with a Close message
	text           string
	allowReconnect bool
}

// LinkClosed tells the connection that its link is gone; err is nil if it ended
// in good order, and then what the client had asked for before is still done.
// Calls after the first, and after a close from this side, do nothing. Receive
// must not be called again.
func (c *Conn) LinkClosed(err error) {
	if err == nil {
		c.leave()
		return
	}
	c.mu.Lock()
	leaving := c.leaving
	c.mu.Unlock()
	if !leaving {
		c.close(closing{err: err})
	}
}

// leaveGrace is how long what a client asked for before it left in good order
// may still take, in milliseconds. Then its calls' contexts end.
const leaveGrace = 5_000

// leave ends the connection in good order, as its client asked: what it called
// before still runs, and nothing after it.
func (c *Conn) leave() {
	c.mu.Lock()
	if c.closed || c.leaving {
		c.mu.Unlock()
		return
	}
	c.leaving = true
	c.endFlows(ErrClosed)
	if !c.busy() {
		c.mu.Unlock()
		c.close(closing{})
		return
	}
	if c.stop != nil {
		c.stop()
	}
	c.stop = c.core.env.After(leaveGrace, func() { c.close(closing{}) })
	c.mu.Unlock()
	c.push(task{kind: taskLeave})
}

// busy tells whether anything runs or waits that the client may want done though
// it has left. The mutex is held.
func (c *Conn) busy() bool {
	for t := c.calls; t != nil; t = t.next {
		if t.place == besideMethod {
			return true
		}
	}
	return c.queue.workers > 0
}

// close ends the connection once: it leaves its rooms, its calls' contexts end,
// and OnDisconnect is queued behind the call that is running. It reports whether
// this call was the one.
func (c *Conn) close(how closing) bool {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return false
	}
	c.closed = true
	c.closeErr = how.err
	rooms, principal, rules, stop, expiry, cancel := c.rooms, c.principal, c.rules, c.stop, c.expiry, c.cancel
	c.stop, c.expiry = nil, nil
	c.endFlows(ErrClosed)
	unanswered := c.unanswered()
	c.mu.Unlock()

	for _, m := range rooms {
		c.core.rooms.leave(m)
	}
	c.core.usages.close(principal, rules)
	if c.hearing != nil {
		c.core.recents.unfollowAll(c)
	}
	if stop != nil {
		stop()
	}
	if expiry != nil {
		expiry()
	}
	if how.say {
		c.sendMessage(&wire.Message{
			Kind: wire.Close, HasError: how.text != "", Error: []byte(how.text), AllowReconnect: how.allowReconnect,
		})
	}
	how.reason.Again = how.allowReconnect
	c.sink.Close(how.reason)
	if cancel != nil {
		cancel()
	}
	c.push(task{kind: taskDisconnect})
	if len(unanswered) > 0 {
		c.core.env.Go(func() {
			for _, answer := range unanswered {
				answer(Answer{Err: ErrClosed})
			}
		})
	}
	return true
}

// overflowed closes a connection that reads too slowly. Its client may come back
// and read faster.
func (c *Conn) overflowed() {
	if c.close(closing{
		reason: CloseReason{Code: CodeTryAgainLater, Text: "slow consumer"},
		err:    ErrOverflow, say: true, text: textSlow, allowReconnect: true,
	}) {
		c.core.overflows.Add(1)
		c.core.options.Log.Warn("closed a connection that reads too slowly", "connection", c.id, "hub", c.mux.Name())
	}
}

// broke closes a connection whose client sent what it may not. The close reason
// names the rule; what exactly was wrong is in the log.
func (c *Conn) broke(err error) error {
	reason := CloseReason{Code: CodeProtocol, Text: "malformed hub message"}
	switch {
	case errors.Is(err, wire.ErrTooLarge):
		reason = CloseReason{Code: CodeTooLarge, Text: "hub message too large"}
	case errors.Is(err, wire.ErrUTF8):
		reason.Text = "hub message is not UTF-8"
	case errors.Is(err, wire.ErrDepth):
		reason.Text = "hub message is nested too deep"
	case errors.Is(err, errSequence), errors.Is(err, ErrAcknowledgement):
		reason.Text = "wrong sequence number"
	}
	c.core.options.Log.Debug("closed a connection: bad message", "connection", c.id, "hub", c.mux.Name(), "error", err)
	c.close(closing{reason: reason, err: err, say: true, text: c.core.textMalformed(err)})
	return err
}

// callContext is the context of the connection's calls; it has ended if the
// connection is closed. The mutex is held.
func (c *Conn) callContext() context.Context {
	if c.context == nil {
		c.context, c.cancel = context.WithCancel(c.valued(c.core.context))
		if c.closed {
			c.cancel()
		}
	}
	return c.context
}

// valued is ctx with the values that the connection's host gave it.
func (c *Conn) valued(ctx context.Context) context.Context {
	if c.values == nil {
		return ctx
	}
	return valuedContext{ctx, c.values}
}

// valuedContext has the end of one context and the values of another.
type valuedContext struct {
	context.Context
	values context.Context
}

func (v valuedContext) Value(key any) any { return v.values.Value(key) }
