package client

import (
	"slices"
	"sync"
	"time"

	"partline.dev/shared/access"
)

// Phase is how far a client is from being connected.
type Phase uint8

// The phases of a client.
const (
	Connecting   Phase = iota // not connected yet; also before Run
	Connected                 // calls are possible
	Reconnecting              // the connection was lost, another is being made
	Disconnected              // for good: closed, or sent away by the hub
)

// String returns the phase's word, such as "connecting".
func (p Phase) String() string {
	words := [...]string{"connecting", "connected", "reconnecting", "disconnected"}
	if int(p) >= len(words) {
		return "unknown"
	}
	return words[p]
}

// State is where a client stands. The zero value is a client that has not tried
// to connect.
type State struct {
	Phase Phase

	// Transport is what carries the connection. Zero while there is none.
	Transport Transport

	// Access is what the hub said last: who the client is and whom it hears. It
	// stays while the connection is made anew. Its SessionToken is empty. Nil: the
	// hub said nothing. Nobody changes it.
	Access *access.Access

	// Err says why there is no connection: how the last attempt failed, how
	// the last connection ended, or why the hub sent the client away. Nil
	// while connected, before anything failed, and after a close from this
	// side.
	Err error

	// Attempt counts the attempts to connect since the client was last
	// connected, the present one included. Zero while connected.
	Attempt int

	// RetryAt is when the next attempt begins. Zero while there is one.
	RetryAt time.Time
}

// State is where the client stands now.
func (c *Client) State() State { return c.states.get() }

// Watch calls f with the present state, before it returns, and then with each
// change, in order and never twice at once, until stop is called. A call that
// has begun may outlive stop. While f runs, changes wait, also the next attempt
// to connect; f may call the hub, but must not close the client.
func (c *Client) Watch(f func(State)) (stop func()) { return c.states.watch(f) }

// states is the present state and who wants to know of it.
type states struct {
	mu       sync.Mutex // protects following
	now      State
	watchers []*watcher
}

// watcher is one function that hears every state, and what it has not heard yet.
type watcher struct {
	f       func(State)
	queue   []State
	busy    bool // somebody is calling f, and will go on until the queue is empty
	stopped bool
}

func (s *states) get() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *states) set(now State) {
	s.post(now)
	s.deliver()
}

// post makes now the present state, of which nobody is told before deliver. Its
// Access is that of the state before.
func (s *states) post(now State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now.Access = s.now.Access
	s.change(now)
}

// postAccess is post of the present state with another Access.
func (s *states) postAccess(a *access.Access) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now
	now.Access = a
	s.change(now)
}

// admit gives the next state its Access.
func (s *states) admit(a *access.Access) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now.Access = a
}

// change makes now the present state. The caller holds mu.
func (s *states) change(now State) {
	s.now = now
	for _, w := range s.watchers {
		w.queue = append(w.queue, now)
	}
}

// deliver tells the watchers what they have not heard.
func (s *states) deliver() {
	s.mu.Lock()
	watchers := slices.Clone(s.watchers)
	s.mu.Unlock()
	for _, w := range watchers {
		s.tell(w)
	}
}

func (s *states) watch(f func(State)) (stop func()) {
	s.mu.Lock()
	w := &watcher{f: f, queue: []State{s.now}, busy: true}
	s.watchers = append(s.watchers, w)
	s.tellAll(w)
	s.mu.Unlock()
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		w.stopped = true
		s.watchers = slices.DeleteFunc(s.watchers, func(o *watcher) bool { return o == w })
	}
}

// tell calls w with all that it has not heard, unless another goroutine is at
// it: that one then tells it all.
func (s *states) tell(w *watcher) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !w.busy {
		w.busy = true
		s.tellAll(w)
	}
}

// tellAll is tell by the goroutine that has made w busy. The caller holds mu.
func (s *states) tellAll(w *watcher) {
	for len(w.queue) > 0 && !w.stopped {
		next := w.queue[0]
		w.queue = w.queue[1:]
		s.mu.Unlock()
		w.f(next)
		s.mu.Lock()
	}
	w.busy = false
}
