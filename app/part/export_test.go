package part

import (
	"context"

	"partline.dev/shared/access"
	client "partline.dev/wasmclient"
)

// NewPage is the page of a part whose address has query, in a browser that
// prefers languages.
func NewPage(p Part, query string, languages ...string) *Page {
	return newPage(p, query, true, languages...)
}

// WithoutTicket is what is left of a query or fragment without the ticket.
var WithoutTicket = withoutTicket

// Connection is what a page needs of a client.
type Connection = connection

// Member is a client of a page.
type Member struct {
	p *Page
	m *member
}

// Add makes c one of the page's clients.
func (p *Page) Add(c Connection) *Member {
	m := &member{client: c}
	p.audience.members = append(p.audience.members, m)
	return &Member{p, m}
}

// Join is what the client says when it connects.
func (m *Member) Join() access.Request { return m.p.join(m.m) }

// Bearer is the token with which it connects.
func (m *Member) Bearer(ctx context.Context) (string, error) {
	return m.p.credentials.bearer(ctx, m.m)
}

// Hear takes how the connection is.
func (m *Member) Hear(s client.State) { m.p.hear(m.m, s) }

// Keep takes a session token of the client's.
func (m *Member) Keep(token string) { m.p.credentials.keep(token) }

// SetIDs makes the page's ids what the other parts have agreed on.
func (p *Page) SetIDs(page, session string) {
	p.audience.mu.Lock()
	p.audience.ids = func() (string, string) { return page, session }
	p.audience.mu.Unlock()
	p.audience.follow()
}

// Follow tells the clients what they do not know yet, until ctx ends.
func (p *Page) Follow(ctx context.Context) { p.audience.run(ctx) }

// ReadCredentials makes the page one whose address has that query and fragment.
func (p *Page) ReadCredentials(search, hash string) { p.credentials = readCredentials(search, hash) }
