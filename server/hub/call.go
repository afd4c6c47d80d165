package hub

import "context"

// call is one task that runs, a member of its connection's list. The
// connection's mutex protects it, but for what never changes.
type call struct {
	kind    taskKind
	place   callPlace
	id      string // of the invocation; empty: not answered, or answered already
	cancel  context.CancelFunc
	uploads []*upload
	direct  *direct // nil: it came as a hub message
	next    *call
}

// callPlace tells where a call runs.
type callPlace uint8

const (
	inTurn       callPlace = iota // by the queue's worker, so the next one waits
	besideMethod                  // by a worker of its own, as it waits for uploads
	besideStream                  // likewise, as it sends items
)

// begin makes t a running call.
func (c *Conn) begin(t *task) {
	ctx, cancel := context.WithCancel(c.callContext())
	t.context = ctx
	t.call = &call{kind: t.kind, id: t.id, cancel: cancel, uploads: t.uploads, direct: t.direct, next: c.calls}
	c.calls = t.call
}

// goBeside lets a call run on beside the queue, unless its id is in use or the
// connection has as many streams as it may: then it gives the text of the
// refusal.
func (c *Conn) goBeside(t *task, place callPlace) (refusal string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	streams := 0
	for other := c.calls; other != nil; other = other.next {
		if other.place != inTurn {
			streams++
		}
		if other != t.call && t.id != "" && other.id == t.id {
			return textIDInUse(t.id)
		}
	}
	if streams >= c.core.options.StreamLimit {
		return c.core.textInvocation(t.target, errTooManyStreams)
	}
	t.call.place = place
	return ""
}

// runBeside runs the rest of t in a worker of its own. T is copied, so that a
// task that needs no such worker stays where it is.
func (c *Conn) runBeside(t *task, rest func(t *task)) {
	own := *t
	c.core.env.Go(func() {
		defer c.finish(own.call)
		rest(&own)
	})
}

// settle is called before a call is answered: from then on its id is free, and
// items for its uploads are dropped.
func (c *Conn) settle(t *call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t.id = ""
	for _, u := range t.uploads {
		c.endUpload(u, context.Canceled)
	}
}

// finish ends the context of a call that has run, and lets what waited for that
// begin.
func (c *Conn) finish(t *call) {
	t.cancel()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, u := range t.uploads {
		c.endUpload(u, context.Canceled)
	}
	for at := &c.calls; *at != nil; at = &(*at).next {
		if *at == t {
			*at = t.next
			break
		}
	}
	if t.place != inTurn {
		c.startWorker()
	}
}

// mayBegin tells whether t, which is next, has to wait for no running call.
func (c *Conn) mayBegin(t *task) bool {
	for other := c.calls; other != nil; other = other.next {
		switch {
		case other.kind != taskInvoke, t.kind == taskDisconnect:
			return false
		case t.kind == taskGoodbye && other.place == inTurn:
			return false
		case t.kind == taskLeave && other.place != besideStream:
			return false
		}
	}
	return true
}

// cancelInvocation ends the context of the invocation called id, or keeps it
// from beginning. An unknown id is nothing.
func (c *Conn) cancelInvocation(id []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for t := c.calls; t != nil; t = t.next {
		if len(id) > 0 && t.id == string(id) {
			t.cancel()
			return
		}
	}
	for i := c.queue.head; i < len(c.queue.tasks); i++ {
		if t := &c.queue.tasks[i]; t.kind == taskInvoke && t.id == string(id) {
			t.cancelled = true
			return
		}
	}
}
