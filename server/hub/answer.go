package hub

import (
	"errors"
	"reflect"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// sendPatiently queues what the peer asked for, once its link has room: a client
// that does not read what it asks for is slowed down, not cut off. It gives
// ErrClosed if the link ends, or gave is closed, before there is room.
func (c *Conn) sendPatiently(e *Event, gaveUp <-chan struct{}) error {
	for {
		if room := c.sink.Room(); room != nil {
			select {
			case <-room:
			case <-gaveUp:
				return ErrClosed
			}
			continue
		}
		err := c.sink.Send(e)
		if errors.Is(err, ErrOverflow) {
			continue // others were quicker
		}
		if err == nil {
			c.sentAt.Store(c.core.env.Now())
		}
		return err
	}
}

// complete answers t with its result.
func (c *Conn) complete(t *task, result any) {
	if t.id == "" && t.direct == nil {
		return
	}
	v := reflect.ValueOf(result)
	if typ := t.method.result.Type(); !v.IsValid() || typ == reflect.TypeFor[contract.None]() {
		v = reflect.Zero(typ)
	} else if v.Type() != typ {
		c.core.options.Log.Error("a filter changed the type of a result", "hub", c.mux.Name(), "method", t.target, "type", v.Type())
		err := errors.New("result of another type")
		c.completeError(t, err, c.core.textInvocation(t.target, err))
		return
	}
	value, err := c.codec.AppendValue(nil, t.method.result, v)
	if err != nil {
		c.core.options.Log.Error("a result could not be encoded", "hub", c.mux.Name(), "method", t.target, "error", err)
		c.completeError(t, err, c.core.textInvocation(t.target, err))
		return
	}
	if t.direct != nil {
		if t.method.result.Type() == reflect.TypeFor[contract.None]() {
			value = nil
		}
		c.answerDirect(t, Answer{Value: value})
		return
	}
	c.completeWith(t, &wire.Message{Kind: wire.Completion, InvocationID: []byte(t.id), Value: value})
}

// completeError answers t with an error: with its text, where the answer is a hub
// message.
func (c *Conn) completeError(t *task, err error, text string) {
	if t.direct != nil {
		c.answerDirect(t, Answer{Err: public(err)})
		return
	}
	if t.id == "" {
		return
	}
	c.completeWith(t, &wire.Message{Kind: wire.Completion, InvocationID: []byte(t.id), HasError: true, Error: []byte(text)})
}

// completeWith queues the answer to t, whose id is free from then on.
func (c *Conn) completeWith(t *task, m *wire.Message) {
	c.settle(t.call)
	e := newEvent(m.Kind, func(dst []byte, codec wire.Codec) ([]byte, error) { return codec.Append(dst, m), nil })
	_ = c.sendPatiently(e, nil) // a link that has ended has no use for it
}
