package auth

import (
	"context"
	"encoding/json"
	"iter"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"partline.dev/server/grants"
	"partline.dev/shared/contract"
)

// maxSpent is how many tickets of one tenant are known to be spent. Each is
// forgotten when its time is over, so that is so many in ten minutes. When there
// are as many no more are taken: what is forgotten could be used again.
const maxSpent = 1 << 17

// spent are the tickets that were used and whose time is not over. A restart does
// not forget them; a crash of the whole machine may forget those of its last
// seconds.
type spent struct {
	log  *slog.Logger
	most int // of one tenant

	mu      sync.Mutex // Protects following.
	tenants map[string]*spentOf
	journal *journal
	told    bool // that the journal fails
}

// spentOf are those of one tenant, with the ms since 1970 when each is over.
type spentOf struct {
	until map[grants.ID]int64
	look  int // when there are as many, those that are over are forgotten
}

// spentLine is one ticket in the file.
type spentLine struct {
	Ticket string `json:"ticket"`
	Tenant string `json:"tenant,omitempty"`
	Until  int64  `json:"until"`
}

// openSpent reads what the folder data knows of. Empty: it knows nothing, and
// nothing is kept there.
func openSpent(log *slog.Logger, data string, now time.Time) (*spent, error) {
	s := &spent{log: log, most: maxSpent, tenants: map[string]*spentOf{}}
	var err error
	s.journal, err = openJournal(log, inData(data, "tickets-spent"), func(text []byte) bool {
		l, ok := parseSpent(text)
		if !ok {
			return false
		}
		if id, _ := grants.ParseID(l.Ticket); l.Until > now.UnixMilli() {
			s.of(l.Tenant).until[id] = l.Until
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	return s, s.journal.rewrite(s.lines())
}

// inData is the path of a file in the folder data; empty: there is none.
func inData(data, name string) string {
	if data == "" {
		return ""
	}
	return filepath.Join(data, name)
}

func parseSpent(text []byte) (l spentLine, ok bool) {
	if json.Unmarshal(text, &l) != nil || l.Tenant != "" && contract.ValidName(l.Tenant) != nil {
		return spentLine{}, false
	}
	_, ok = grants.ParseID(l.Ticket)
	return l, ok && grants.ValidTime(l.Until)
}

// Spend is Ledger's.
func (s *spent) Spend(_ context.Context, tenant, ticket string, until int64) error {
	now := time.Now()
	id, ok := grants.ParseID(ticket)
	if !ok {
		return errTicket
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.of(tenant)
	if _, used := of.until[id]; used {
		return ErrTicketSpent
	}
	if len(of.until) >= min(of.look, s.most) {
		of.forget(now.UnixMilli())
	}
	if len(of.until) >= s.most {
		return errTickets
	}
	of.until[id] = until
	s.keep(spentLine{ticket, tenant, until}, now)
	return nil
}

// of are those of a tenant, which exists: only tickets of ours get here. The mutex
// is held.
func (s *spent) of(tenant string) *spentOf {
	of := s.tenants[tenant]
	if of == nil {
		of = &spentOf{until: map[grants.ID]int64{}, look: minLook}
		s.tenants[tenant] = of
	}
	return of
}

// minLook is from how many on it is worth while to look which are over.
const minLook = 1 << 10

// forget forgets those that are over. The map is made anew, as Go's keeps the
// place of what was deleted. How often that is done makes it cheap for each.
func (of *spentOf) forget(now int64) {
	kept := make(map[grants.ID]int64)
	for id, until := range of.until {
		if until > now {
			kept[id] = until
		}
	}
	of.until, of.look = kept, max(minLook, 2*len(kept))
}

// keep writes l to the file. Without it the ticket is spent all the same, until
// the next start. The mutex is held.
func (s *spent) keep(l spentLine, now time.Time) {
	text, err := json.Marshal(l)
	if err == nil {
		err = s.journal.append(text, false)
	}
	if err == nil && s.journal.grown(s.count()) {
		for _, of := range s.tenants {
			of.forget(now.UnixMilli())
		}
		err = s.journal.rewrite(s.lines())
	}
	if err != nil && !s.told {
		s.log.Error("used tickets cannot be written down: a restart will forget them", "error", err)
	}
	s.told = err != nil
}

func (s *spent) count() (n int) {
	for _, of := range s.tenants {
		n += len(of.until)
	}
	return n
}

func (s *spent) lines() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for tenant, of := range s.tenants {
			for id, until := range of.until {
				text, err := json.Marshal(spentLine{id.String(), tenant, until})
				if err != nil || !yield(text) {
					return
				}
			}
		}
	}
}

func (s *spent) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.journal.close()
}
