package auth

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"time"

	"partline.dev/server/grants"
	"partline.dev/server/hub"
	"partline.dev/shared/contract"
)

const (
	// userKept is how long it is known that a user was taken back. A bearer token
	// that is older is not taken at all.
	userKept = 365 * 24 * time.Hour

	// sessionKept is how long it is known of a session: nothing of it can be good
	// for longer.
	sessionKept = grants.MaxSession + grants.MaxTicket

	// undatedKept is how long a user who was taken back stays out with credentials
	// that do not say when they were issued.
	undatedKept = 24 * time.Hour

	// maxRevoked is how many users and sessions of one tenant can be taken back at
	// a time.
	maxRevoked = 1 << 16
)

// ErrTooManyRevoked says that the tenant has taken back as many as are known at a
// time.
var ErrTooManyRevoked = errors.New("auth: this tenant has taken back 65,536 users and sessions, and no more are known at a time")

// revoked is what was taken back.
type revoked struct {
	most int // of one tenant

	mu      sync.RWMutex // Protects following.
	tenants map[string]map[who]int64
	journal *journal
	damaged bool // what the journal has may be less than what is known
}

// who is a user, or a session if user is empty.
type who struct{ user, session string }

// revokedLine is one of them in the file.
type revokedLine struct {
	Tenant  string `json:"tenant,omitempty"`
	User    string `json:"user,omitempty"`
	Session string `json:"session,omitempty"`
	At      int64  `json:"at"` // ms since 1970
}

// openRevoked reads what the folder data knows of. Empty: it knows nothing, and
// nothing is kept there.
func openRevoked(log *slog.Logger, data string, now time.Time) (*revoked, error) {
	v := &revoked{most: maxRevoked, tenants: map[string]map[who]int64{}}
	var err error
	v.journal, err = openJournal(log, inData(data, "revoked"), func(text []byte) bool {
		l, ok := parseRevoked(text)
		if ok && l.At+l.who().kept() > now.UnixMilli() {
			v.note(l)
		}
		return ok
	})
	if err != nil {
		return nil, err
	}
	return v, v.journal.rewrite(v.lines())
}

func (l revokedLine) who() who { return who{l.User, l.Session} }

// kept is how long w is known, in ms.
func (w who) kept() int64 {
	if w.user != "" {
		return userKept.Milliseconds()
	}
	return sessionKept.Milliseconds()
}

func parseRevoked(text []byte) (revokedLine, bool) {
	var l revokedLine
	if json.Unmarshal(text, &l) != nil || !grants.ValidTime(l.At) || l.check() != nil {
		return revokedLine{}, false
	}
	return l, true
}

// check reports what cannot be taken back.
func (l revokedLine) check() error {
	if (l.User == "") == (l.Session == "") {
		return errors.New("auth: name either a user or a session")
	}
	for _, name := range []string{l.Tenant, l.User, l.Session} {
		if name == "" {
			continue
		}
		if err := contract.ValidName(name); err != nil {
			return fmt.Errorf("auth: %w", err)
		}
	}
	return nil
}

// note knows of l from now on. The mutex is held.
func (v *revoked) note(l revokedLine) {
	of := v.tenants[l.Tenant]
	if of == nil {
		of = map[who]int64{}
		v.tenants[l.Tenant] = of
	}
	of[l.who()] = max(of[l.who()], l.At)
}

// add takes back what l says, as of now. When it returns nil that is on the disk;
// on other errors than of l it holds until the next start.
func (v *revoked) add(l revokedLine, now time.Time) error {
	if err := l.check(); err != nil {
		return err
	}
	l.At = now.UnixMilli()
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, there := v.tenants[l.Tenant][l.who()]; !there && len(v.tenants[l.Tenant]) >= v.most {
		v.forget(now)
		if len(v.tenants[l.Tenant]) >= v.most {
			return ErrTooManyRevoked
		}
	}
	v.note(l)
	if v.damaged || v.journal.grown(v.count()) {
		v.forget(now)
		err = v.journal.rewrite(v.lines())
	} else {
		err = v.journal.append(text, true)
	}
	v.damaged = err != nil
	if err != nil {
		return fmt.Errorf("auth: it is taken back until the next start, and could not be written down: %w", err)
	}
	return nil
}

// forget forgets what is over. The mutex is held.
func (v *revoked) forget(now time.Time) {
	for tenant, of := range v.tenants {
		for w, at := range of {
			if at+w.kept() <= now.UnixMilli() {
				delete(of, w)
			}
		}
		if len(of) == 0 {
			delete(v.tenants, tenant)
		}
	}
}

// has tells whether the credentials of p were taken back.
func (v *revoked) has(p *hub.Principal, now time.Time) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	of := v.tenants[p.Tenant]
	if of == nil {
		return false
	}
	if p.Session != "" {
		if _, back := of[who{session: p.Session}]; back {
			return true
		}
	}
	if p.ID == "" {
		return false
	}
	at, back := of[who{user: p.ID}]
	if !back {
		return false
	}
	if p.Issued == 0 {
		return now.UnixMilli() < at+undatedKept.Milliseconds()
	}
	return p.Issued <= at
}

func (v *revoked) count() (n int) {
	for _, of := range v.tenants {
		n += len(of)
	}
	return n
}

func (v *revoked) lines() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for tenant, of := range v.tenants {
			for w, at := range of {
				text, err := json.Marshal(revokedLine{tenant, w.user, w.session, at})
				if err != nil || !yield(text) {
					return
				}
			}
		}
	}
}

func (v *revoked) close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.journal.close()
}
