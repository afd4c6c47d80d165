// Package roomtest is a Durable Object in memory, for tests of rooms: no Worker, no
// network, and a clock that stands until it is moved.
//
//	o := roomtest.New()
//	r, err := room.New(o, room.Options{...})
//	o.Open(1)
//	refused := r.Connect(1, room.Connecting{...})
//	r.Flush()
//	err = o.Commit()       // the event is over: what was sent leaves
//	for _, m := range o.Take(1) { ... }
//
// What was put into storage between two commits is one transaction, and what was sent
// meanwhile waits for it, as in a Durable Object. [Fake.FailCommit] has one fail: then
// all of it is undone, nothing that waited leaves, and the sockets are gone. A room in
// memory is no use then: the test makes a new one. To evict a room is to make a new
// one with the same Fake, and to restore [Fake.Sockets] to it.
//
// Concurrency: everything may be used from any goroutine. Nothing blocks.
package roomtest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"partline.dev/server/edge/room"
)

// ErrReset is what a commit gives that has failed: the object begins anew.
var ErrReset = errors.New("the object was reset, as what it wrote could not be kept")

// Message is one message that a socket was sent.
type Message struct {
	Binary bool
	Data   []byte
}

// Closing is how a socket was closed: by the room, or with 1006 by a reset.
type Closing struct {
	Code int
	Text string
}

// Fake is the object. Make one with [New].
type Fake struct {
	id string

	mu       sync.Mutex // Protects following.
	now      int64
	sockets  map[int32]*socket
	waiting  []func() // what the event sent and closed, until its commit
	alarm    int64
	soon     bool
	failing  bool
	attaches int
	storage  Storage
}

// socket is one end of a WebSocket. What has left is what its peer sees.
type socket struct {
	attachment []byte
	closing    bool // the room has closed it, perhaps in this event
	sent       []Message
	closed     *Closing
}

// New returns an object with no socket and nothing stored, whose clock is at the
// beginning of 2026.
func New() *Fake {
	f := &Fake{
		id:      strings.Repeat("0123456789abcdef", 4),
		now:     time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli(),
		sockets: map[int32]*socket{},
	}
	f.storage.values = map[string][]byte{}
	f.storage.undo = map[string][]byte{}
	return f
}

// ID is the object's, of 64 hexadecimal digits.
func (f *Fake) ID() string { return f.id }

// Now is the time of the test's clock, in ms since 1970.
func (f *Fake) Now() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// Advance moves the clock. It calls nobody: [Fake.Due] tells whether the alarm is due.
func (f *Fake) Advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now += d.Milliseconds()
}

// Open adds a socket, before the room hears of it.
func (f *Fake) Open(id int32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sockets[id] = &socket{}
}

// Gone takes a socket away, as its peer has left. What it was sent is lost.
func (f *Fake) Gone(id int32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.sockets, id)
}

// Sockets are those that are open, in order: those to restore to a new room.
func (f *Fake) Sockets() (ids []int32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, s := range f.sockets {
		if !s.closing && s.closed == nil {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Send is [room.Object.Send].
func (f *Fake) Send(sockets []int32, binary bool, message []byte) {
	to, m := slices.Clone(sockets), Message{binary, bytes.Clone(message)}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range to {
		if s := f.sockets[id]; s != nil && !s.closing {
			f.waiting = append(f.waiting, func() { s.sent = append(s.sent, m) })
		}
	}
}

// Close is [room.Object.Close].
func (f *Fake) Close(id int32, code int, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.sockets[id]; s != nil && !s.closing {
		s.closing = true
		f.waiting = append(f.waiting, func() { s.closed = &Closing{code, text} })
	}
}

// Take is what has left for a socket since the last Take.
func (f *Fake) Take(id int32) []Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.sockets[id]
	if s == nil {
		return nil
	}
	sent := s.sent
	s.sent = nil
	return sent
}

// Closed tells how a socket was closed; nil: it is open, or was never there.
func (f *Fake) Closed(id int32) *Closing {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.sockets[id]; s != nil {
		return s.closed
	}
	return nil
}

// Attach is [room.Object.Attach].
func (f *Fake) Attach(id int32, state []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.sockets[id]
	switch {
	case s == nil:
		return fmt.Errorf("there is no socket %d", id)
	case len(state) > room.MaxAttachment:
		return fmt.Errorf("%d bytes are too many for an attachment", len(state))
	}
	s.attachment = bytes.Clone(state)
	f.attaches++
	return nil
}

// Attachment is what a socket keeps; nil: nothing.
func (f *Fake) Attachment(id int32) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.sockets[id]; s != nil {
		return bytes.Clone(s.attachment)
	}
	return nil
}

// Attaches is how often something was attached so far.
func (f *Fake) Attaches() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.attaches
}

// Alarm is [room.Object.Alarm].
func (f *Fake) Alarm(at int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.alarm = at
	return nil
}

// Alarmed is when the alarm is set for; 0: it is not.
func (f *Fake) Alarmed() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.alarm
}

// Due tells whether the alarm is due, and takes it away then: the test calls
// [room.Room.Alarm].
func (f *Fake) Due() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.alarm == 0 || f.alarm > f.now {
		return false
	}
	f.alarm = 0
	return true
}

// Soon is [room.Object.Soon].
func (f *Fake) Soon() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.soon = true
}

// Asked tells whether Soon was called, and forgets it: the test calls
// [room.Room.Resume].
func (f *Fake) Asked() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	asked := f.soon
	f.soon = false
	return asked
}

// Storage is the object's: also a [*Storage], for the test.
func (f *Fake) Storage() room.Storage { return &f.storage }

// Stored is what Storage gives, with what only tests ask.
func (f *Fake) Stored() *Storage { return &f.storage }

// FailCommit has the next commit that has anything to write fail.
func (f *Fake) FailCommit() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failing = true
}

// Commit ends an event: what was put is kept, and what was sent leaves. It gives
// ErrReset after [Fake.FailCommit].
func (f *Fake) Commit() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	waiting := f.waiting
	f.waiting = nil
	if f.failing && f.storage.wrote() {
		f.failing, f.soon = false, false
		f.storage.rollback()
		for _, s := range f.sockets {
			if s.closed == nil {
				s.closing, s.closed = true, &Closing{Code: 1006}
			}
		}
		return ErrReset
	}
	f.storage.commit()
	for _, leave := range waiting {
		leave()
	}
	return nil
}
