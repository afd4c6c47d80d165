package hub

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// HandleStream makes f the handler of stream d. It panics as [Handle] does.
//
// f itself runs in its turn, as a method does. The iterator that it returns runs
// beside the connection's other calls: each item is sent before the next is
// asked for, and an item waits while the link has no room. An error is the last
// of them; [FailStream] is for a handler that does not begin to stream. The
// iterator is stopped, and x ends, when the client cancels or is gone. If the
// request has uploads, f does not wait for its turn to end either.
//
// f and its iterator may use x until the iterator returns.
func HandleStream[Req, Item any](m *Mux, d contract.Stream[Req, Item],
	f func(x *Context, request Req) iter.Seq2[Item, error], options ...MethodOption,
) {
	entry := newMethod[Req](d.Descriptor(), options)
	entry.call = func(x *Context, request any) (any, error) { return f(x, *request.(*Req)), nil }
	entry.each = func(items any, send func(item reflect.Value) error) error {
		seq, ok := items.(iter.Seq2[Item, error])
		if !ok {
			return fmt.Errorf("%w: %T", errNotItems, items)
		}
		for item, err := range seq {
			if err != nil {
				return err
			}
			if err := send(reflect.ValueOf(&item).Elem()); err != nil {
				return err
			}
		}
		return nil
	}
	m.add(entry)
}

// FailStream is what a stream's handler returns that refuses to stream at all.
// Its client hears what it would hear of a method that failed with err, instead
// of a stream that broke.
func FailStream[Item any](err error) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		var none Item
		yield(none, &notBegunError{err})
	}
}

// notBegunError is the error of a stream that did not begin.
type notBegunError struct{ error }

func (e *notBegunError) Unwrap() error { return e.error }

// errNotItems says that a filter put something else in the place of a stream.
var errNotItems = errors.New("not a stream of the declared items")

// invokeStream runs the handler of a stream up to its iterator, and the rest of
// it beside the queue. It reports whether there is a rest.
func (c *Conn) invokeStream(t *task, x *Context) bool {
	if len(t.uploads) > 0 {
		c.runBeside(t, func(t *task) {
			if items, ok := c.openStream(t, x); ok {
				c.pour(t, x, items)
			}
		})
		return true
	}
	items, ok := c.openStream(t, x)
	if !ok {
		return false
	}
	c.runBeside(t, func(t *task) { c.pour(t, x, items) })
	return true
}

// openStream runs the handler inside the filters. It answers a stream that
// cannot begin; ok is false then.
func (c *Conn) openStream(t *task, x *Context) (items any, ok bool) {
	items, err := c.protect(t.target, func() (any, error) { return c.mux.invoke(x, t.method, x.request) })
	switch v := reflect.ValueOf(items); {
	case err != nil:
		c.failed(t, err)
		c.completeError(t, err, c.core.textInvocation(t.target, err))
	case !v.IsValid() || v.Kind() == reflect.Func && v.IsNil():
		c.completeError(t, errNotItems, textNoStream(t.target))
		err = errNotItems
	default:
		return items, true
	}
	x.end(err)
	return nil, false
}

// pour sends a stream's items, and then its completion, which has no result.
func (c *Conn) pour(t *task, x *Context, items any) {
	send := func(item reflect.Value) error { return c.sendItem(t, item) }
	_, err := c.protect(t.target, func() (any, error) { return nil, t.method.each(items, send) })
	x.end(err)
	refused := (*notBegunError)(nil)
	switch {
	case err == nil, errors.Is(err, errStopped), errors.Is(err, context.Canceled) && t.context.Err() != nil:
		c.completeStream(t)
	case errors.As(err, &refused):
		c.failed(t, refused.error)
		c.completeError(t, refused.error, c.core.textInvocation(t.target, refused.error))
	default:
		c.failed(t, err)
		c.completeError(t, err, c.core.textStreaming(err))
	}
}

// completeStream ends a stream in good order, also one that was cancelled.
func (c *Conn) completeStream(t *task) {
	c.completeWith(t, &wire.Message{Kind: wire.Completion, InvocationID: []byte(t.id)})
}

// errStopped ends the range over a stream whose client wants no more of it.
var errStopped = errors.New("the client cancelled the stream or is gone")

// sendItem queues one item, when there is room for it.
func (c *Conn) sendItem(t *task, item reflect.Value) error {
	if t.context.Err() != nil {
		return errStopped
	}
	err := c.sendPatiently(newEvent(wire.StreamItem, func(dst []byte, codec wire.Codec) ([]byte, error) {
		value, err := codec.AppendValue(nil, t.method.result, item)
		if err != nil {
			return nil, err
		}
		return codec.Append(dst, &wire.Message{Kind: wire.StreamItem, InvocationID: []byte(t.id), Value: value}), nil
	}), t.context.Done())
	if errors.Is(err, ErrClosed) {
		return errStopped
	}
	return err
}
