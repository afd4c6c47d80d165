package classic

import (
	"context"
	"time"

	"partline.dev/server/front"
)

const (
	// toldWait is how long the answer to a call may wait for what the call has
	// reported before it.
	toldWait = 500 * time.Millisecond

	// headStart is by how much later the answer leaves than the last piece of an
	// event stream or a socket: nobody says when that has arrived, and the two
	// take different ways.
	headStart = 50 * time.Millisecond
)

// told is what the client of a connection is known to have. The connection's mutex
// protects it.
type told struct {
	number uint64        // all that came up to it
	grows  chan struct{} // closed when it does; nil: nobody waits
}

// has notes that the client has what came up to a number.
func (c *connection) has(number uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told.upTo(number)
}

// upTo is has, with the connection's mutex held.
func (t *told) upTo(number uint64) {
	if number <= t.number {
		return
	}
	t.number = number
	if t.grows != nil {
		close(t.grows)
		t.grows = nil
	}
}

// awaitGreeting waits until the client has what its hubs have said to it after a
// number, as it connected: a page that has started finds it there.
func (c *connection) awaitGreeting(ctx context.Context, after uint64) {
	c.mu.Lock()
	conns := c.conns
	c.mu.Unlock()
	events, _, _ := c.handler.core.Fetch(after, fetchLimit, conns...) // who has missed some waits for none
	if len(events) > 0 {
		c.awaitHas(ctx, events[len(events)-1].Number())
	}
}

// awaitHas waits until the client has what came up to a number, but not for long. An
// answer that goes another way than events do would overtake the progress that its
// call has reported, and a page hears no progress of a call that is over.
func (c *connection) awaitHas(ctx context.Context, number uint64) {
	late := time.NewTimer(toldWait)
	defer late.Stop()
	for {
		c.mu.Lock()
		if c.told.number >= number {
			streams := c.transport != front.LongPolling
			c.mu.Unlock()
			if streams {
				late.Reset(headStart)
				select {
				case <-late.C:
				case <-c.gone:
				case <-ctx.Done():
				}
			}
			return
		}
		if c.told.grows == nil {
			c.told.grows = make(chan struct{})
		}
		grows := c.told.grows
		c.mu.Unlock()
		select {
		case <-grows:
		case <-late.C:
			return
		case <-c.gone:
			return
		case <-ctx.Done():
			return
		}
	}
}
