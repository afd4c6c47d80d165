package hub

import (
	"context"

	"partline.dev/shared/wire"
)

type taskKind uint8

const (
	taskInvoke taskKind = iota
	taskConnect
	taskGoodbye    // the core drains: nothing after this one runs
	taskLeave      // the client left in good order: likewise
	taskDisconnect // the connection is closed: the last one
)

// task is one thing that a connection's worker does.
type task struct {
	kind      taskKind
	method    *method         // nil: no such method
	target    string          // as the client wrote it
	id        string          // of the invocation; empty: not answered
	arguments []byte          // raw
	streaming bool            // called as a stream
	cancelled bool            // before it began
	context   context.Context // of the call, from when it is taken
	size      int             // what it counts for in the queue
}

// taskOverhead is what a queued task costs besides its bytes, so that a flood of
// empty invocations is bounded too.
const taskOverhead = 128

// taskQueue is what waits for a connection's worker. The connection's mutex
// protects it.
type taskQueue struct {
	tasks   []task
	head    int
	bytes   int
	working bool          // a worker runs
	over    bool          // a goodbye or leave came: nothing but the disconnect is taken
	done    bool          // the disconnect came: nothing more is taken
	room    chan struct{} // closed when there is room again; nil: nobody waits
}

// push queues t and starts the worker if none runs. After a close only the
// disconnect counts: what had not begun never begins.
func (c *Conn) push(t task) {
	c.mu.Lock()
	defer c.mu.Unlock()
	q := &c.queue
	switch {
	case q.done:
		return
	case t.kind == taskDisconnect:
		q.done = true
		q.clear()
	case c.closed || q.over:
		return
	case t.kind == taskGoodbye || t.kind == taskLeave:
		q.over = true
	}
	q.tasks = append(q.tasks, t)
	q.bytes += t.size
	if !q.working {
		q.working = true
		c.core.env.Go(c.work)
	}
}

// full returns a channel to wait on before more is read, or nil.
func (c *Conn) full() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	q := &c.queue
	if q.bytes < c.core.options.QueueLimit {
		return nil
	}
	if q.room == nil {
		q.room = make(chan struct{})
	}
	return q.room
}

// pop takes the next task; ok is false when there is none and the worker ends. A
// call is the running one from the moment it is taken, so a cancel never finds
// it in neither place.
func (c *Conn) pop() (t task, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	q := &c.queue
	if q.head == len(q.tasks) {
		q.working = false
		// An idle connection holds no queue.
		q.tasks, q.head = nil, 0
		return task{}, false
	}
	t = q.tasks[q.head]
	q.tasks[q.head] = task{}
	q.head++
	if q.head >= len(q.tasks)/2 {
		// Move what waits to the front, or a queue that is never empty would
		// grow by every task that it ever held.
		n := copy(q.tasks, q.tasks[q.head:])
		clear(q.tasks[n:])
		q.tasks, q.head = q.tasks[:n], 0
	}
	q.bytes -= t.size
	if t.kind != taskDisconnect {
		ctx, cancel := context.WithCancel(c.callContext())
		t.context, c.running = ctx, &call{id: t.id, cancel: cancel}
	}
	if q.room != nil && q.bytes <= c.core.options.QueueLimit/2 {
		close(q.room)
		q.room = nil
	}
	return t, true
}

// clear forgets what waits and lets the reader go on, to find the link closed.
func (q *taskQueue) clear() {
	q.tasks, q.head, q.bytes = nil, 0, 0
	if q.room != nil {
		close(q.room)
		q.room = nil
	}
}

// work runs what is queued until nothing is.
func (c *Conn) work() {
	for {
		t, ok := c.pop()
		if !ok {
			return
		}
		switch t.kind {
		case taskInvoke:
			c.invoke(&t)
		case taskConnect:
			c.connect(&t)
		case taskGoodbye:
			c.close(closing{reason: goingAway, say: true, allowReconnect: true})
		case taskLeave:
			c.close(closing{reason: CloseReason{Code: CodeNormal}})
		case taskDisconnect:
			c.disconnect()
		}
		c.finish()
	}
}

// finish ends the context of the task that has run.
func (c *Conn) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running != nil {
		c.running.cancel()
		c.running = nil
	}
}

// receiveInvocation queues an invocation. m's bytes are the reader's and are
// copied.
func (c *Conn) receiveInvocation(m *wire.Message) {
	t := task{
		kind:      taskInvoke,
		method:    c.mux.find(m.Target, m.ArgumentCount),
		id:        string(m.InvocationID),
		streaming: m.Kind == wire.StreamInvocation,
		size:      taskOverhead + len(m.InvocationID) + len(m.Target) + len(m.Arguments),
	}
	if t.method != nil {
		t.arguments = append([]byte(nil), m.Arguments...)
		t.target = t.method.descriptor.Name()
	}
	if t.method == nil || t.target != string(m.Target) {
		t.target = string(m.Target)
	}
	c.push(t)
}

// cancelInvocation ends the context of the invocation called id, or keeps it
// from beginning. An unknown id is nothing.
func (c *Conn) cancelInvocation(id []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running != nil && len(id) > 0 && c.running.id == string(id) {
		c.running.cancel()
		return
	}
	for i := c.queue.head; i < len(c.queue.tasks); i++ {
		if t := &c.queue.tasks[i]; t.kind == taskInvoke && t.id == string(id) {
			t.cancelled = true
			return
		}
	}
}
