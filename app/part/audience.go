package part

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/app/address"
	"partline.dev/app/frame"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
	client "partline.dev/wasmclient"
)

// keyNickname is where the nickname is kept, for all parts of the browser.
const keyNickname = "partline-nickname"

// audience is who hears the part, and as whom it speaks. It may be used from any
// goroutine.
type audience struct {
	place string
	ids   func() (page, session string)
	wake  chan struct{}
	turn  chan struct{} // holds a value while somebody tells the clients

	mu       sync.Mutex // protects following
	asked    contract.Scope
	instead  contract.Scope // asked for while the other one is refused; empty: it is not
	nickname string
	access   *access.Access
	members  []*member
	redraw   []app.Context
}

func newAudience(properties map[string]string) *audience {
	a := &audience{
		place: cut(properties[address.Room], contract.MaxName),
		ids:   func() (page, session string) { return "", "" },
		wake:  make(chan struct{}, 1),
		turn:  make(chan struct{}, 1),
	}
	// What is no scope is as if it were left out.
	a.asked, _ = contract.ParseScope(cmp.Or(properties[address.Scope], string(contract.ScopePage)))
	a.asked = cmp.Or(a.asked, contract.ScopePage)
	return a
}

// Scope says who hears the part, and whom it hears: what the server said last,
// and before it said anything what the part asks for.
func (p *Page) Scope() contract.Scope {
	if s := p.Access().Scope; s != "" {
		return s
	}
	return p.AskedScope()
}

// AskedScope is the scope that the part asks for: what the address says, or
// [Page.SetScope]. Once the part is connected and [Page.Scope] is another, this
// one is not for whoever reads the part, and it is in the narrowest that is.
func (p *Page) AskedScope() contract.Scope {
	if p.audience == nil {
		return contract.ScopePage
	}
	p.audience.mu.Lock()
	defer p.audience.mu.Unlock()
	return p.audience.asked
}

// Place is the name of the place that the part is for, cut to what a name may have:
// what the address says. Empty: there is none, unless the server knows one.
func (p *Page) Place() string {
	if p.audience == nil {
		return ""
	}
	return p.audience.place
}

// Access is what the server said last of who the part is, whom it hears and
// where it may speak. It is zero until the part is connected, and with a server
// that says nothing of it.
func (p *Page) Access() access.Access {
	if p.audience == nil {
		return access.Access{}
	}
	p.audience.mu.Lock()
	defer p.audience.mu.Unlock()
	if p.audience.access == nil {
		return access.Access{}
	}
	return *p.audience.access
}

// Nickname is what the person calls themself where the server does not know
// them, in all parts of this browser under this host site. Empty: nobody asked.
// Whether others know the part's person by it, Access().You says.
func (p *Page) Nickname() string {
	if p.audience == nil {
		return ""
	}
	p.audience.mu.Lock()
	defer p.audience.mu.Unlock()
	return p.audience.nickname
}

// SetScope makes the part hear, and be heard by, somebody else, until it is
// loaded again. It blocks until the server agrees; on an error, of which the
// server's is a [*client.Error] with a code, nothing has changed. While the part
// is not connected the scope is what it will ask for, and there is no error.
func (p *Page) SetScope(ctx context.Context, s contract.Scope) error {
	return p.audience.change(ctx, func(w *wish) { w.where.Scope = s }, func() {
		p.audience.asked, p.audience.instead = s, ""
	})
}

// SetNickname changes the nickname. It blocks until the server has taken it, and
// on an error nothing has changed; that of a name that cannot be one is an
// [*access.Refusal]. While the part is not connected it tries to connect at once,
// under that name, and there is no error. An empty name takes the name back.
func (p *Page) SetNickname(ctx context.Context, name string) error {
	if name != "" {
		clean, err := access.CleanName(name)
		if err != nil {
			return err
		}
		name = clean
	}
	err := p.audience.change(ctx, func(w *wish) { w.name = name }, func() {
		p.audience.nickname = name
	})
	if err == nil {
		frame.Browser.Set(keyNickname, name)
	}
	return err
}

// wish is what the part wants a client to ask for.
type wish struct {
	where access.Where
	name  string
	guest bool // the name means something to the server, as far as the part knows
}

// wish is what the part wants now. The caller holds mu.
func (a *audience) wish() wish {
	w := wish{
		where: access.Where{Scope: cmp.Or(a.instead, a.asked), Place: a.place},
		name:  a.nickname,
		guest: a.access == nil || a.access.You.Guest,
	}
	w.where.Page, w.where.Session = a.ids()
	return w
}

// change tells all clients another wish, and if none of them objects it is made the
// part's. Else those that have agreed go back to what they were told before.
func (a *audience) change(ctx context.Context, by func(*wish), done func()) error {
	if err := a.begin(ctx); err != nil {
		return err
	}
	defer a.end()

	a.mu.Lock()
	now := a.wish()
	by(&now)
	members := slices.Clone(a.members)
	a.mu.Unlock()
	for i, m := range members {
		before := m.now()
		err := m.tell(ctx, now)
		if err == nil {
			m.client.Again() // if it waits
			continue
		}
		for _, agreed := range members[:i] {
			_ = agreed.tell(ctx, before) // the follower tries again
		}
		a.follow()
		return err
	}

	a.mu.Lock()
	done()
	a.mu.Unlock()
	a.changed()
	return nil
}

// begin waits until nobody else tells the clients anything.
func (a *audience) begin(ctx context.Context) error {
	select {
	case a.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *audience) end() { <-a.turn }

// watch has the component of ctx drawn anew when something changes.
func (a *audience) watch(ctx app.Context) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.redraw = append(a.redraw, ctx)
}

// changed draws the part anew.
func (a *audience) changed() {
	a.mu.Lock()
	redraw := a.redraw
	a.mu.Unlock()
	for _, ctx := range redraw {
		ctx.Update()
	}
}

// refused tells whether err is what a server said; any other one means that the
// client will ask when it is connected.
func refused(err error) bool {
	_, ok := errors.AsType[*client.Error](err)
	return ok
}
