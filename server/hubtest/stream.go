package hubtest

import (
	"bytes"
	"context"
	"iter"
	"reflect"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// Open calls a stream when it is ranged over, and yields its items as they come.
// An error is the last of them, with the text that its client would read. Whoever
// leaves the range early, or whose context ends, cancels the stream.
func Open[Req, Item any](ctx context.Context, c *Client, s contract.Stream[Req, Item], request Req) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		var none Item
		if c.page != nil {
			yield(none, errNoStreams)
			return
		}
		plan, err := wire.PlanOf(s.Descriptor().Response())
		if err != nil {
			yield(none, err)
			return
		}
		id := c.newStream()
		defer c.forgetStream(id)
		if err := c.invoke(wire.StreamInvocation, id, s.Descriptor(), reflect.ValueOf(&request).Elem()); err != nil {
			yield(none, err)
			return
		}
		for {
			raw, ok, err := c.nextItem(ctx, id)
			if !ok && err == nil {
				return
			}
			var item Item
			if err == nil {
				err = wire.JSON.ReadValue(raw, plan, reflect.ValueOf(&item).Elem())
			}
			if !yield(item, err) || err != nil {
				return
			}
		}
	}
}

// incoming is what has arrived of a stream.
type incoming struct {
	items [][]byte
	over  bool
	err   error // of its end
}

// newStream makes an id for a stream, and a place for its items.
func (c *Client) newStream() (id string) {
	id = c.newID()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.streams[id] = &incoming{}
	return id
}

// forgetStream takes no more of a stream, and cancels it unless it is over.
func (c *Client) forgetStream(id string) {
	c.mu.Lock()
	over := c.streams[id].over
	delete(c.streams, id)
	c.mu.Unlock()
	if !over {
		_ = c.write(&wire.Message{Kind: wire.CancelInvocation, InvocationID: []byte(id)})
	}
}

// nextItem waits for the next item; ok is false when there is none.
func (c *Client) nextItem(ctx context.Context, id string) (item []byte, ok bool, err error) {
	for {
		c.mu.Lock()
		s, changed := c.streams[id], c.changed
		switch {
		case len(s.items) > 0:
			item, s.items = s.items[0], s.items[1:]
			c.mu.Unlock()
			return item, true, nil
		case s.over:
			c.mu.Unlock()
			return nil, false, s.err
		}
		c.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
	}
}

// item keeps an item of a stream that somebody ranges over. The caller holds mu.
func (c *Client) item(m *wire.Message) {
	if s := c.streams[string(m.InvocationID)]; s != nil {
		s.items = append(s.items, bytes.Clone(m.Value))
		c.change()
	}
}

// endStream ends the stream that a completion is of. The caller holds mu.
func (c *Client) endStream(m *wire.Message) {
	s := c.streams[string(m.InvocationID)]
	if s == nil {
		return
	}
	s.over = true
	if m.HasError {
		s.err = told(m.Error)
	}
	c.change()
}
