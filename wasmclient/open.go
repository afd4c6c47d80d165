package client

import (
	"context"
	"fmt"
	"iter"
	"reflect"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// Open calls a stream of the hub whenever it is ranged over, and yields what the
// hub sends, in order:
//
//	for item, err := range client.Open(ctx, c, chat.Replay, chat.Since{}) {
//		if err != nil {
//			return err
//		}
//		show(item)
//	}
//
// An error is the last that it yields: an [*Error] if the hub ended the stream
// with one, [ErrNotConnected] if there is no connection, [ErrNotConfirmed] if it
// was lost before the end of the stream, [ErrTooSlow], [ErrTooLarge], the error
// of ctx, or what makes the request, a value of an upload or an item impossible
// to write or to read. Who leaves the loop, and the end of ctx, cancel the
// stream. Uploads of the request are sent meanwhile.
func Open[Req, Item any](ctx context.Context, c *Client, stream contract.Stream[Req, Item], request Req) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		err := c.open(ctx, stream.Descriptor(), reflect.ValueOf(&request).Elem(), func(read func(reflect.Value) error) (bool, error) {
			v := new(Item)
			if err := read(reflect.ValueOf(v).Elem()); err != nil {
				return false, err
			}
			return yield(*v, nil), nil
		})
		if err != nil {
			var none Item
			yield(none, err)
		}
	}
}

// opened is one stream from the hub.
type opened struct {
	items inbox[item]
	gone  chan struct{} // closed when nobody reads any more
	err   error         // how it ended; read after items have

	number int64 // of its call's message; the session's mutex protects it
}

func (o *opened) end(err error) {
	o.err = err
	o.items.end()
}

// open calls a stream, and hands each item to take until that returns false or
// an error. It returns an error that take has not returned false for.
func (c *Client) open(ctx context.Context, d *contract.Descriptor, request reflect.Value, take func(read func(reflect.Value) error) (more bool, err error)) error {
	plan, err := wire.PlanOf(d.Response())
	if err != nil {
		return inMember(d, err)
	}
	id := c.newID()
	i, err := c.prepare(d, wire.StreamInvocation, request, id)
	if err != nil {
		return inMember(d, err)
	}
	s, o := i.session, &opened{gone: make(chan struct{})}
	o.items.init(c.options.QueueLimit)
	if err := s.addStream(id, o); err != nil {
		return inMember(d, err)
	}
	defer close(o.gone)
	defer i.endUploads()
	defer func() {
		if s.dropStream(id) {
			i.cancel()
		}
	}()
	if err := i.begin(ctx, func(err error) bool { return s.failStream(id, err) }); err != nil {
		s.dropStream(id) // the hub knows nothing of it
		return inMember(d, err)
	}
	for {
		raw, ok := o.items.take(ctx)
		if !ok {
			break
		}
		more, err := take(func(into reflect.Value) error { return c.codec.ReadValue(raw, plan, into) })
		if err != nil {
			return inMember(d, fmt.Errorf("the hub's item cannot be read: %w", err))
		}
		if !more {
			return nil
		}
	}
	if err := ctx.Err(); err != nil {
		return inMember(d, err)
	}
	return inMember(d, o.err)
}

// addStream notes that items of id are waited for.
func (s *session) addStream(id string, o *opened) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return ErrNotConnected
	}
	s.streams[id] = o
	return nil
}

// dropStream forgets a stream; it reports false if its end has come already.
func (s *session) dropStream(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, waits := s.streams[id]
	delete(s.streams, id)
	return waits
}

// failStream ends a stream from this side; it reports false if its end has come
// already.
func (s *session) failStream(id string, err error) bool {
	s.mu.Lock()
	o := s.streams[id]
	delete(s.streams, id)
	s.mu.Unlock()
	if o != nil {
		o.end(err)
	}
	return o != nil
}

// receiveItem puts an item where the reader of its stream finds it.
func (s *session) receiveItem(m *wire.Message) error {
	id := string(m.InvocationID)
	s.mu.Lock()
	o := s.streams[id]
	s.mu.Unlock()
	if o == nil {
		return nil // of a stream that was left, or a hub's mistake
	}
	v := item(append([]byte{}, m.Value...))
	return putOrWait(s, &o.items, v, o.gone, func() error {
		// The call may be what its reader waits for.
		if s.failStream(id, ErrTooSlow) {
			m := wire.Message{Kind: wire.CancelInvocation, InvocationID: []byte(id)}
			s.out.putSmall(s.c.codec.Append(nil, &m), true)
		}
		return nil
	})
}
