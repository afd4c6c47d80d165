package hub

import (
	"context"

	"partline.dev/shared/wire"
)

type taskKind uint8

const (
	taskInvoke taskKind = iota
	taskConnect
	taskReconnect
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
	streams   int             // how many uploads the client announced
	uploads   []*upload       // those that the method takes, in order
	twice     string          // the first stream id that was in use already
	streaming bool            // called as a stream
	cancelled bool            // before it began
	size      int             // what it counts for in the queue
	context   context.Context // of the call, from when it is taken
	call      *call           // likewise
	direct    *direct         // nil: it came as a hub message
}

// taskOverhead is what a queued task costs besides its bytes, and each upload
// that it announces, so that a flood of empty invocations is bounded too.
const taskOverhead = 128

// taskQueue is what waits for a connection's workers. The connection's mutex
// protects it.
type taskQueue struct {
	tasks   []task
	head    int
	bytes   int
	workers int           // that run
	over    bool          // a goodbye or leave came: nothing but the disconnect is taken
	done    bool          // the disconnect came: nothing more is taken
	room    chan struct{} // closed when there is room again; nil: nobody waits
}

// push queues t and sees to it that a worker runs. After a close only the
// disconnect counts: what had not begun never begins.
func (c *Conn) push(t task) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pushLocked(t)
}

// pushLocked is push with the mutex held.
func (c *Conn) pushLocked(t task) {
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
	c.startWorker()
}

// startWorker starts a worker if anything is queued and another may run. The
// mutex is held.
func (c *Conn) startWorker() {
	q := &c.queue
	if q.head < len(q.tasks) && q.workers < c.core.options.ParallelInvocations {
		q.workers++
		c.core.env.Go(c.work)
	}
}

// pop takes the next task; ok is false when there is none that may begin, and
// the worker ends. A call is a running one from the moment it is taken, so a
// cancel never finds it in neither place.
func (c *Conn) pop() (t task, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	q := &c.queue
	if q.head == len(q.tasks) {
		q.workers--
		// An idle connection holds no queue.
		q.tasks, q.head = nil, 0
		return task{}, false
	}
	if !c.mayBegin(&q.tasks[q.head]) {
		q.workers-- // whatever it waits for looks again when it ends
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
		c.begin(&t)
	}
	if t.kind == taskInvoke {
		c.startWorker() // for what may run at the same time
	}
	c.readOn()
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
		beside := false
		switch t.kind {
		case taskInvoke:
			beside = c.invoke(&t)
		case taskConnect:
			c.connect(&t)
		case taskReconnect:
			c.reconnect(&t)
		case taskGoodbye:
			c.close(closing{reason: goingAway, say: true, allowReconnect: true})
		case taskLeave:
			c.close(closing{reason: CloseReason{Code: CodeNormal}})
		case taskDisconnect:
			c.disconnect()
		}
		if t.call != nil && !beside {
			c.finish(t.call)
		}
	}
}

// receiveInvocation queues an invocation that came as a hub message.
func (c *Conn) receiveInvocation(m *wire.Message) {
	t := task{id: string(m.InvocationID), streaming: m.Kind == wire.StreamInvocation, size: len(m.InvocationID)}
	_ = c.take(t, m.Target, m.ArgumentCount, m.Arguments, m.StreamIDs) // a client that has left waits for nothing
}

// take queues an invocation. Its bytes are the reader's and are copied. It gives
// ErrClosed if the connection takes none any more.
func (c *Conn) take(t task, target []byte, count int, arguments []byte, streamIDs []string) error {
	t.kind = taskInvoke
	t.method = c.mux.find(target, count)
	t.streams = len(streamIDs)
	t.size += taskOverhead*(1+len(streamIDs)) + len(target) + len(arguments)
	if t.method != nil {
		t.arguments = append([]byte(nil), arguments...)
		t.target = t.method.descriptor.Name()
	}
	if t.method == nil || t.target != string(target) {
		t.target = string(target)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.queue.over {
		return ErrClosed
	}
	c.start()
	c.announce(&t, streamIDs)
	c.pushLocked(t)
	return nil
}
