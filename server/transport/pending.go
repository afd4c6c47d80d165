package transport

import (
	"maps"
	"slices"
	"sync"
	"time"

	"partline.dev/server/front"
	"partline.dev/server/hub"
)

// negotiation is a connection that was negotiated and not opened yet.
type negotiation struct {
	handler   *Handler
	share     *share
	principal *hub.Principal // whose it is; nil: nobody's in particular
	where     *where         // nil: it asks for nothing
	expires   int64          // in ms
	id        token          // public
	old       bool           // of version 0: its id is its token
	resumes   bool           // see connection
	holds     bool           // likewise
}

// who is whose n is.
func (n *negotiation) who() (p hub.Principal) {
	if n.principal != nil {
		p = *n.principal
	}
	return p
}

// share is how many negotiations one client address has in a generation.
type share struct {
	address string
	n       int
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
	turned     int64          // when young began, in ms
	latest     *hub.Principal // of the negotiations; nil: it was nobody
	timed      bool
}

type generation struct {
	entries map[token]negotiation
	shares  map[string]*share // by address
}

// of is how many entries an address has.
func (g *generation) of(address string) int {
	if s := g.shares[address]; s != nil {
		return s.n
	}
	return 0
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
	if len(t.young.entries)+len(t.old.entries) == 0 {
		t.latest = nil
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

// add keeps n, of a client at address that is p, under secret until it expires.
func (t *pendingTable) add(secret token, n negotiation, address string, p *hub.Principal) *front.Refusal {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.host.wheel.now()
	t.turn(now)
	limit := t.host.options.PendingLimit
	switch {
	case len(t.young.entries)+len(t.old.entries) >= limit:
		return errPendingFull
	case t.young.of(address)+t.old.of(address) >= max(1, limit/perAddressShare):
		return errPendingShare
	}
	if t.young.entries == nil {
		t.young = generation{map[token]negotiation{}, map[string]*share{}}
	}
	if n.share = t.young.shares[address]; n.share == nil {
		n.share = &share{address: address}
		t.young.shares[address] = n.share
	}
	n.share.n++
	n.principal = t.shared(p)
	n.expires = now + t.lifetime().Milliseconds()
	t.young.entries[secret] = n
	t.watch()
	return nil
}

// shared is p as many negotiations in a row can have it. The mutex is held.
func (t *pendingTable) shared(p *hub.Principal) *hub.Principal {
	switch {
	case samePrincipal(p, &hub.Principal{}):
		return nil
	case t.latest == nil || !samePrincipal(p, t.latest):
		own := *p
		t.latest = &own
	}
	return t.latest
}

// samePrincipal tells whether nothing tells a from b.
func samePrincipal(a, b *hub.Principal) bool {
	return a.Tenant == b.Tenant && a.ID == b.ID && a.Name == b.Name && a.Icon == b.Icon && a.Scope == b.Scope && a.Scopes == b.Scopes &&
		a.Session == b.Session && a.Issued == b.Issued && a.Expires == b.Expires &&
		slices.Equal(a.Roles, b.Roles) && slices.Equal(a.Places, b.Places) && maps.Equal(a.Claims, b.Claims)
}

// find returns what is kept under secret for the handler and the caller.
func (t *pendingTable) find(secret token, h *Handler, who *caller) (negotiation, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, n, ok := t.look(secret, h, who)
	return n, ok
}

// take is find, and the last: a secret is taken once. What is somebody else's
// stays.
func (t *pendingTable) take(secret token, h *Handler, who *caller) (negotiation, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	g, n, ok := t.look(secret, h, who)
	if ok {
		delete(g.entries, secret)
		if n.share.n--; n.share.n == 0 {
			delete(g.shares, n.share.address)
		}
	}
	return n, ok
}

// look is find, which also tells the generation. The mutex is held.
func (t *pendingTable) look(secret token, h *Handler, who *caller) (*generation, negotiation, bool) {
	now := t.host.wheel.now()
	t.turn(now)
	for _, g := range []*generation{&t.young, &t.old} {
		if n, ok := g.entries[secret]; ok {
			p := n.who()
			return g, n, n.expires > now && n.handler == h && who.is(identityOf(&p))
		}
	}
	return nil, negotiation{}, false
}

// count is how many wait, with those that expired a moment ago.
func (t *pendingTable) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn(t.host.wheel.now())
	return len(t.young.entries) + len(t.old.entries)
}
