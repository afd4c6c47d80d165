package transport

import (
	"sync"
	"time"
)

// negotiation is a connection that was negotiated and not opened yet.
type negotiation struct {
	id      string // public
	user    string // whose it is
	address string // from which it was asked for
	handler *Handler
	resumes bool  // see connection
	holds   bool  // likewise
	expires int64 // in ms
}

// perAddressShare is the part of the table that one client address may fill.
const perAddressShare = 16

// pendingTable holds negotiations until they are opened or expire. Entries are
// kept in two generations, of which the older is dropped whole, so expiry costs
// nothing per entry and gives the memory back.
type pendingTable struct {
	host  *Host
	timer timer

	mu         sync.Mutex // Protects following.
	young, old generation
	turned     int64 // when young began, in ms
	timed      bool
}

type generation struct {
	entries map[token]negotiation
	counts  map[string]int // entries by address
}

func (t *pendingTable) init(host *Host) {
	t.host = host
	t.timer.f = t.sweep
}

func (t *pendingTable) lifetime() time.Duration { return t.host.options.HandshakeTimeout }

// turn makes the young generation old when its time has come.
func (t *pendingTable) turn(now int64) {
	lifetime := t.lifetime().Milliseconds()
	for i := 0; i < 2 && now-t.turned >= lifetime; i++ {
		t.old, t.young = t.young, generation{}
		t.turned += lifetime
	}
	if now-t.turned >= lifetime {
		t.turned = now // nothing is left of before
	}
}

// sweep gives back what expired while nobody negotiates.
func (t *pendingTable) sweep() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.timed = false
	t.turn(t.host.wheel.now())
	t.watch()
}

// watch sets the timer while there is anything to sweep.
func (t *pendingTable) watch() {
	if !t.timed && len(t.young.entries)+len(t.old.entries) > 0 {
		t.timed = true
		t.host.wheel.set(&t.timer, t.lifetime())
	}
}

// add keeps n under secret until it expires.
func (t *pendingTable) add(secret token, n negotiation) *refusal {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.host.wheel.now()
	t.turn(now)
	limit := t.host.options.PendingLimit
	switch {
	case len(t.young.entries)+len(t.old.entries) >= limit:
		return errPendingFull
	case t.young.counts[n.address]+t.old.counts[n.address] >= max(1, limit/perAddressShare):
		return errPendingShare
	}
	if t.young.entries == nil {
		t.young = generation{map[token]negotiation{}, map[string]int{}}
	}
	n.expires = now + t.lifetime().Milliseconds()
	t.young.entries[secret] = n
	t.young.counts[n.address]++
	t.watch()
	return nil
}

// take removes and returns what is kept under secret for the handler and the
// user. A secret is taken once; what is somebody else's stays.
func (t *pendingTable) take(secret token, h *Handler, user string) (negotiation, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.host.wheel.now()
	t.turn(now)
	for _, g := range []*generation{&t.young, &t.old} {
		n, ok := g.entries[secret]
		if !ok {
			continue
		}
		if n.expires <= now || n.handler != h || n.user != user {
			return negotiation{}, false
		}
		delete(g.entries, secret)
		if g.counts[n.address]--; g.counts[n.address] == 0 {
			delete(g.counts, n.address)
		}
		return n, true
	}
	return negotiation{}, false
}

// has tells whether take would find something.
func (t *pendingTable) has(secret token, h *Handler, user string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.host.wheel.now()
	t.turn(now)
	for _, g := range []*generation{&t.young, &t.old} {
		if n, ok := g.entries[secret]; ok {
			return n.expires > now && n.handler == h && n.user == user
		}
	}
	return false
}

// count is how many wait, with those that expired a moment ago.
func (t *pendingTable) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn(t.host.wheel.now())
	return len(t.young.entries) + len(t.old.entries)
}
