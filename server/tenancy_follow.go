package server

import (
	"sync"
	"time"

	"partline.dev/server/front"
)

// tenantsPeriod is how often the file of tenants is looked at.
const tenantsPeriod = 5 * time.Second

// follower looks at the file of tenants again and again, by the host's timer. The
// zero value does not.
type follower struct {
	mu      sync.Mutex // Protects following.
	ended   bool
	forgets func() bool // takes back the next look
}

// followTenants has the file of tenants looked at from now on, until Shutdown.
func (s *Server) followTenants() {
	if !s.tenancy.filed() {
		return
	}
	s.follower.mu.Lock()
	defer s.follower.mu.Unlock()
	if s.follower.ended {
		return
	}
	env := s.host.Env()
	s.follower.forgets = env.After(tenantsPeriod.Milliseconds(), func() {
		s.follower.mu.Lock()
		defer s.follower.mu.Unlock()
		if s.follower.ended {
			return
		}
		// Reading a file blocks, which a timer must not.
		env.Go(func() {
			s.lookAtTenants()
			s.followTenants()
		})
	})
}

// unfollowTenants ends what followTenants began, but for a look that is under way,
// for which the host waits.
func (s *Server) unfollowTenants() {
	s.follower.mu.Lock()
	defer s.follower.mu.Unlock()
	s.follower.ended = true
	if s.follower.forgets != nil {
		s.follower.forgets()
	}
}

// lookAtTenants puts the tenants of the file as it is now in the place of those
// before, if they are others. Connections that the new ones do not allow are closed;
// the others notice nothing.
func (s *Server) lookAtTenants() {
	book := s.tenancy.file.Now()
	if s.tenancy.now() == book {
		return
	}
	policy, err := front.NewPolicy(s.public.origin(), book.Hosts())
	if err != nil {
		s.log.Error("the tenants stay as they were", "error", err)
		return
	}
	s.tenancy.book.Store(book)
	s.host.SetPolicy(policy)
	s.core.Reconsider()
	s.authority.Reconsidered()
	s.log.Info("the tenants are others now", "tenants", len(book.All()))
}
