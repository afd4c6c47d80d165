package part

import (
	"context"
	"errors"
	"hash/fnv"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/app/frame"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
	client "partline.dev/wasmclient"
)

// What the server refuses to be told is tried again after these.
const (
	firstRetry = time.Second
	lastRetry  = 30 * time.Second
)

// connection is what the audience needs of a client.
type connection interface {
	Enter(ctx context.Context, where access.Where) (access.Access, error)
	Rename(ctx context.Context, name string) (access.Access, error)
	Again()
}

// member is a client of the part, and what it was told.
type member struct {
	client connection

	mu        sync.Mutex // protects following
	told      wish
	joined    bool // told is at least what Join said
	overruled bool // Join does not count any more: the client was told something since
	again     bool // it is to try again at once
}

// add makes m, which belongs to the component of ctx, one of the clients.
func (a *audience) add(ctx app.Context, m *member) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.members = append(a.members, m)
	a.redraw = append(a.redraw, ctx)
}

// join is what m asks for when it connects. Once it was told something it keeps to
// that.
func (a *audience) join(m *member) wish {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.wish()
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.overruled {
		m.told, m.joined = now, true
	}
	return now
}

func (m *member) now() wish {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.told
}

// tell has the client ask for what it was not told yet. Who is not connected will
// ask for it: that is no error. Callers have their turn.
func (m *member) tell(ctx context.Context, now wish) error {
	m.mu.Lock()
	before := m.told
	if !m.joined {
		m.mu.Unlock()
		return nil // it has not asked for anything yet, and Join will say it
	}
	m.overruled = true
	m.mu.Unlock()
	if now.where != before.where {
		if _, err := m.client.Enter(ctx, now.where); refused(err) || ctx.Err() != nil {
			return err
		}
		before.where = now.where
	}
	if now.guest && now.name != before.name {
		if _, err := m.client.Rename(ctx, now.name); refused(err) || ctx.Err() != nil {
			return err
		}
		before.name = now.name
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.told = before
	return nil
}

// follow has the follower look whether all clients were told what the part wants.
func (a *audience) follow() {
	select {
	case a.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// run is the follower: it tells the clients what has changed beside what a person
// has chosen in this part. It returns when ctx ends.
func (a *audience) run(ctx context.Context) {
	for {
		select {
		case <-a.wake:
		case <-ctx.Done():
			return
		}
		for wait := firstRetry; !a.tellAll(ctx); wait = min(2*wait, lastRetry) {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return
			}
		}
	}
}

// mark is equal for parts whose clients are on one page as far as the server was told,
// and differs for others. It does not lead back to the page's id. Empty: nothing was
// told yet.
func (a *audience) mark() string {
	a.mu.Lock()
	members := slices.Clone(a.members)
	a.mu.Unlock()
	mark := ""
	for _, m := range members {
		page := m.now().where.Page
		if page == "" {
			return ""
		}
		h := fnv.New32a()
		_, _ = h.Write([]byte(page)) // never fails
		if now := strconv.FormatUint(uint64(h.Sum32()), 16); mark == "" || mark == now {
			mark = now
		} else {
			return "" // one of them is on the way
		}
	}
	return mark
}

// tellAll tells all clients what the part wants, and reports false if a server has
// refused something.
func (a *audience) tellAll(ctx context.Context) bool {
	if a.begin(ctx) != nil {
		return true
	}
	defer a.end()
	a.mu.Lock()
	now, members := a.wish(), slices.Clone(a.members)
	a.mu.Unlock()
	all := true
	for _, m := range members {
		before := m.now()
		if m.tell(ctx, now) != nil {
			all = false
		}
		m.mu.Lock()
		again := m.again || m.told.name != before.name // without a name it may have been refused
		m.again = false
		m.mu.Unlock()
		if again {
			m.client.Again()
		}
	}
	a.changed()
	return all
}

// open makes the audience one of a page of a host.
func (a *audience) open(p *frame.Page) {
	a.ids = p.IDs
	a.remembered()
	p.OnChange(func() {
		a.remembered()
		a.follow()
	})
}

// remembered takes what this part or another one has made the browser keep.
func (a *audience) remembered() {
	name, err := access.CleanName(frame.Browser.Get(keyNickname))
	if err != nil {
		name = ""
	}
	a.mu.Lock()
	changed := name != a.nickname && !frame.Browser.Refused()
	if changed {
		a.nickname = name
	}
	a.mu.Unlock()
	if changed {
		a.changed()
	}
}

// hear takes how the connection of m is.
func (a *audience) hear(m *member, s client.State) {
	a.mu.Lock()
	changed := s.Access != nil && s.Access != a.access
	if changed {
		a.access = s.Access
	}
	code := access.Code("")
	if said, ok := errors.AsType[*client.Error](s.Err); ok && !s.RetryAt.IsZero() {
		code = said.Code
	}
	other := a.instead
	switch code {
	case access.CodeScope:
		other = narrowestAfter(a.instead, a.asked)
	case access.CodeRules:
		other = "" // perhaps what was refused is not any more
	}
	turned := other != a.instead
	a.instead = other
	a.mu.Unlock()
	if changed {
		a.changed()
	}
	if turned {
		m.mu.Lock()
		m.again = other != "" && code == access.CodeScope
		m.mu.Unlock()
		a.follow()
	}
}

// narrowestAfter is the scope to ask for when refused and all narrower ones were
// refused, as asked was. Empty: none is left, and asked is asked for again. Nobody
// is put among all tenants without asking for it.
func narrowestAfter(refused, asked contract.Scope) contract.Scope {
	i := slices.Index(contract.AllScopes[:], refused) // -1 if it was asked
	for _, s := range contract.AllScopes[i+1:] {
		if s != asked && s != contract.ScopeWorld {
			return s
		}
	}
	return ""
}
