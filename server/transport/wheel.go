package transport

import (
	"sync"
	"time"
)

// A timer is never early, and late by a tick at most while the process has the
// processor it needs.
const (
	wheelTick  = 100 * time.Millisecond
	wheelSlots = 512 // one turn takes 51.2 s, more than any usual wait
)

// wheel holds the timers of all connections. Its one goroutine exists only while
// something is scheduled; scheduling and stopping cost a lock and a list
// operation, however many timers there are.
type wheel struct {
	start time.Time // with the monotonic clock, so that a set clock moves nothing

	mu      sync.Mutex // Protects following.
	slots   [wheelSlots]timer
	firing  timer // the ring of those that are being called
	at      int64 // the tick whose timers are firing or were called
	count   int
	running bool
	closed  bool
	wake    chan struct{} // ends the goroutine's sleep at close
	ended   chan struct{} // closed when the goroutine has ended; nil: it never began
}

// timer is one thing to be called, a member of its slot's ring. It can be set
// again and again without allocating. F runs in the wheel's goroutine and must
// not block.
type timer struct {
	f          func()
	due        int64 // in ticks
	next, prev *timer
}

func newWheel() *wheel {
	w := &wheel{start: time.Now(), wake: make(chan struct{})}
	w.firing.next, w.firing.prev = &w.firing, &w.firing
	for i := range w.slots {
		s := &w.slots[i]
		s.next, s.prev = s, s
	}
	return w
}

// now is the time in milliseconds since 1970. It never jumps.
func (w *wheel) now() int64 {
	return w.start.UnixMilli() + time.Since(w.start).Milliseconds()
}

// after calls f once, ms milliseconds from now. It is hub.Env's After.
func (w *wheel) after(ms int64, f func()) (stop func() bool) {
	t := &timer{f: f}
	w.set(t, time.Duration(ms)*time.Millisecond)
	return func() bool { return w.unset(t) }
}

// set schedules t anew, wait from now. After close it does nothing.
func (w *wheel) set(t *timer, wait time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	w.remove(t)
	elapsed := time.Since(w.start)
	if w.count == 0 {
		w.at = int64(elapsed / wheelTick)
	}
	t.due = max(int64((elapsed+wait+wheelTick-1)/wheelTick), w.at+1)
	w.slots[t.due%wheelSlots].insert(t)
	w.count++
	if !w.running {
		w.running = true
		w.ended = make(chan struct{})
		go w.run(w.ended)
	}
}

// unset forgets t and reports whether it was still to be called.
func (w *wheel) unset(t *timer) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.remove(t)
}

func (w *wheel) remove(t *timer) bool {
	if t.next == nil {
		return false
	}
	t.unlink()
	w.count--
	return true
}

// insert puts added at the end of the ring that t heads.
func (t *timer) insert(added *timer) {
	added.prev, added.next = t.prev, t
	added.prev.next, t.prev = added, added
}

func (t *timer) unlink() {
	t.prev.next, t.next.prev = t.next, t.prev
	t.next, t.prev = nil, nil
}

// run turns the wheel until nothing is scheduled.
func (w *wheel) run(ended chan struct{}) {
	defer close(ended)
	sleep := time.NewTimer(0)
	defer sleep.Stop()
	for {
		select {
		case <-sleep.C:
		case <-w.wake:
		}
		for f := w.next(); f != nil; f = w.next() {
			f()
		}
		w.mu.Lock()
		if w.count == 0 || w.closed {
			w.running = false
			w.mu.Unlock()
			return
		}
		until := time.Duration(w.at+1)*wheelTick - time.Since(w.start)
		w.mu.Unlock()
		sleep.Reset(until)
	}
}

// next takes the next timer that is due and returns its function, or nil.
func (w *wheel) next() func() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil
	}
	now := int64(time.Since(w.start) / wheelTick)
	for w.firing.next == &w.firing {
		if w.at >= now || w.count == 0 {
			return nil
		}
		w.at++
		slot := &w.slots[w.at%wheelSlots]
		for t := slot.next; t != slot; {
			following := t.next
			if t.due <= w.at {
				t.unlink()
				w.firing.insert(t)
			}
			t = following
		}
	}
	t := w.firing.next
	w.remove(t)
	return t.f
}

// close forgets every timer and waits for the goroutine.
func (w *wheel) close() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.wake)
	}
	ended := w.ended
	w.mu.Unlock()
	if ended != nil {
		<-ended
	}
}
