package part

import (
	"context"
	"sync"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// audience is who hears the part, and as whom it speaks. It may be used from any
// goroutine.
type audience struct {
	mu       sync.Mutex // protects following
	asked    contract.Scope
	access   access.Access
	nickname string
	redraw   []app.Context
}

// Scope says who hears the part, and whom it hears: what the server said last,
// and before it said anything what the part asks for.
func (p *Page) Scope() contract.Scope {
	a := p.Access()
	if a.Scope != "" {
		return a.Scope
	}
	return p.AskedScope()
}

// AskedScope is the scope that the part asks for: what the address says, or
// [Page.SetScope]. Once the part is connected and [Page.Scope] is another, this
// one is not for whoever reads the part, and it is in the narrowest that is.
func (p *Page) AskedScope() contract.Scope {
	p.audience.mu.Lock()
	defer p.audience.mu.Unlock()
	return p.audience.asked
}

// SetScope makes the part hear, and be heard by, somebody else, until it is
// loaded again. It blocks until the server agrees; on an error, of which the
// server's is a [client.Error] with a code, nothing has changed. While the part
// is not connected the scope is what it will ask for, and there is no error.
func (p *Page) SetScope(ctx context.Context, s contract.Scope) error {
	p.audience.mu.Lock()
	p.audience.asked = s
	p.audience.mu.Unlock()
	p.changed()
	return ctx.Err()
}

// Access is what the server said last of who the part is, whom it hears and
// where it may speak. It is zero until the part is connected, and with a server
// that says nothing of it.
func (p *Page) Access() access.Access {
	p.audience.mu.Lock()
	defer p.audience.mu.Unlock()
	return p.audience.access
}

// Nickname is what the person calls themself where the server does not know
// them, in all parts of this browser under this host site. Empty: nobody asked.
// Whether others know the part's person by it, Access().You says.
func (p *Page) Nickname() string {
	p.audience.mu.Lock()
	defer p.audience.mu.Unlock()
	return p.audience.nickname
}

// SetNickname changes the nickname. It blocks until the server has taken it, and
// on an error nothing has changed; the error of a name that cannot be one is an
// [*access.Refusal]. While the part is not connected it tries to connect at once,
// under that name, and there is no error. An empty name takes the name back.
func (p *Page) SetNickname(ctx context.Context, name string) error {
	p.audience.mu.Lock()
	p.audience.nickname = name
	p.audience.mu.Unlock()
	p.changed()
	return ctx.Err()
}

// Watch draws the component of ctx anew whenever Scope, AskedScope, Access or
// Nickname say something else. It is called in OnMount. A component that has
// called [Page.Connect] needs no Watch.
func (p *Page) Watch(ctx app.Context) {
	p.audience.mu.Lock()
	defer p.audience.mu.Unlock()
	p.audience.redraw = append(p.audience.redraw, ctx)
}

// changed draws anew what shows the audience.
func (p *Page) changed() {
	p.audience.mu.Lock()
	watching := p.audience.redraw
	p.audience.mu.Unlock()
	for _, ctx := range watching {
		ctx.Update()
	}
}
