package room

import (
	"container/heap"
	"sync"
)

// clock is the timers of a room, made of the one alarm of its object. What is due runs
// at the first event after its time, which is the alarm at the latest; an alarm that
// fires late delays what it is for, and loses nothing.
type clock struct {
	object Object

	mu     sync.Mutex // Protects following.
	timers timers
	armed  int64 // when the alarm fires; 0: it does not
	fail   error // the first error of setting it
}

// timer is a function that is to be called once.
type timer struct {
	at    int64
	order int64 // of those of one moment
	f     func()
	index int // in the heap; -1: it is not there any more
}

// never is a time, in ms, after which nothing happens: a thousand years.
const never = 1000 * 366 * 24 * 3_600_000

// after is that of [hub.Env].
func (c *clock) after(ms int64, f func()) (stop func() bool) {
	if ms >= never {
		return func() bool { return true }
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &timer{at: c.object.Now() + ms, order: c.timers.made, f: f}
	c.timers.made++
	heap.Push(&c.timers, t)
	c.arm()
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		if t.index < 0 {
			return false
		}
		heap.Remove(&c.timers, t.index)
		return true
	}
}

// run calls what is due, and sets the alarm for what is not. Rang: the alarm has fired.
func (c *clock) run(rang bool) {
	c.mu.Lock()
	if rang {
		c.armed = 0
	}
	for len(c.timers.heap) > 0 && c.timers.heap[0].at <= c.object.Now() {
		t := heap.Pop(&c.timers).(*timer)
		c.mu.Unlock()
		t.f()
		c.mu.Lock()
	}
	c.arm()
	c.mu.Unlock()
}

// arm sets the alarm for the first timer, unless it fires before: an alarm that finds
// nothing due costs less than one that is moved for every timer. The mutex is held.
func (c *clock) arm() {
	if len(c.timers.heap) == 0 {
		return
	}
	first := c.timers.heap[0].at
	if c.armed != 0 && c.armed <= first {
		return
	}
	if err := c.object.Alarm(first); err != nil {
		c.fail = err
		return
	}
	c.armed = first
}

// failed is why the alarm could not be set, told once.
func (c *clock) failed() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.fail
	c.fail = nil
	return err
}

// timers is a heap of timers, the next one first.
type timers struct {
	heap []*timer
	made int64
}

func (t *timers) Len() int { return len(t.heap) }

func (t *timers) Less(i, j int) bool {
	a, b := t.heap[i], t.heap[j]
	return a.at < b.at || a.at == b.at && a.order < b.order
}

func (t *timers) Swap(i, j int) {
	t.heap[i], t.heap[j] = t.heap[j], t.heap[i]
	t.heap[i].index, t.heap[j].index = i, j
}

func (t *timers) Push(x any) {
	one := x.(*timer)
	one.index = len(t.heap)
	t.heap = append(t.heap, one)
}

func (t *timers) Pop() any {
	last := len(t.heap) - 1
	one := t.heap[last]
	t.heap[last] = nil
	t.heap = t.heap[:last]
	one.index = -1
	return one
}
