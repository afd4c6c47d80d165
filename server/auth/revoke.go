package auth

import (
	"sync"
	"time"

	"partline.dev/server/grants"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
)

// Revoke takes back everything that was issued until now to a user of the tenant,
// or what came of one ticket, by its session: name one of them, as
// [hub.Principal] has them. It is refused from now on, and the connections that
// were made with it are closed. Bearer tokens that do not say when they were issued
// are refused for 24 hours.
//
// When Revoke returns nil a restart does not forget that. On an error of the file
// it holds all the same, until the next start; on other errors nothing has changed.
func (a *Authority) Revoke(tenant, user, session string) error {
	err := a.revoked.add(revokedLine{Tenant: tenant, User: user, Session: session}, time.Now())
	a.expel()
	return err
}

// Reconsidered closes the connections of those whom the book of now does not let
// in: users who are blocked, guests whom their tenant has no more, and everybody of
// a tenant that is gone. It is called
// when there is a new book.
func (a *Authority) Reconsidered() {
	book := a.options.Book()
	addresses := map[string]bool{}
	for _, t := range book.All() {
		for i := range t.Issuers {
			addresses[t.Issuers[i].JWKS] = true
		}
	}
	a.keys.keep(addresses)
	a.expel()
}

// expel closes the connections of those who may not be here any more, at once, and
// of those who are on their way in while it is called.
func (a *Authority) expel() {
	a.expelNow()
	a.sweeper.later(a.expelNow)
}

func (a *Authority) expelNow() {
	book, now := a.options.Book(), time.Now()
	a.options.Expel(func(p hub.Principal) bool {
		t := tenantOf(book, p.Tenant)
		return t != nil && a.bars(&p, t, now) != nil
	}, grants.ErrRevoked)
	a.options.Expel(func(p hub.Principal) bool { return tenantOf(book, p.Tenant) == nil }, errTenantGone)
	for _, why := range []*access.Refusal{errSignIn, errNameWanted} {
		a.options.Expel(func(p hub.Principal) bool {
			t := tenantOf(book, p.Tenant)
			return t != nil && uninvited(&p, t) == why
		}, why)
	}
}

// A negotiation that was let in opens its connection within 15 s, which has 15 s more
// for its handshake; while that may be, connections are looked at so often, and
// expelled well within 30 s.
const (
	onTheWay   = 35 * time.Second
	sweepEvery = 10 * time.Second
)

// sweeper repeats what was done to all connections for those who were on their way
// in. It has a goroutine only meanwhile.
type sweeper struct {
	tasks sync.WaitGroup
	end   chan struct{}

	mu      sync.Mutex // Protects following.
	closed  bool
	running bool
	until   time.Time
}

// later sweeps as long as somebody may be on the way in.
func (s *sweeper) later(sweep func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until = time.Now().Add(onTheWay)
	if s.closed || s.running {
		return
	}
	s.running = true
	s.tasks.Go(func() {
		for s.goesOn() {
			select {
			case <-s.end:
				return
			case <-time.After(sweepEvery):
				sweep()
			}
		}
	})
}

// goesOn tells whether somebody may still be on the way in.
func (s *sweeper) goesOn() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = time.Now().Before(s.until)
	return s.running
}

func (s *sweeper) close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.end)
	}
	s.mu.Unlock()
	s.tasks.Wait()
}
