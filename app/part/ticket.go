package part

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"sync"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/app/address"
	"partline.dev/app/frame"
	"partline.dev/shared/access"
	client "partline.dev/wasmclient"
)

// keyToken is where the session token that a ticket was changed for is kept,
// before the ticket's mark.
const keyToken = "partline-token-"

// credentials are what the part was given to prove who it is: a ticket, until it is
// used, and then the session token that the server gave for it. A part that is
// loaded again finds the token by the ticket's mark, which is left in the history
// of its frame. It may be used from any goroutine.
type credentials struct {
	turn chan struct{} // holds a value while a client uses the ticket

	mu     sync.Mutex // protects following
	ticket string     // not used yet
	mark   string     // of the ticket; empty: there never was one
	token  string
	user   *member // of the ticket
}

// readCredentials reads the ticket of an address, whose parts begin with ? and #,
// and what an earlier load has left.
func readCredentials(search, hash string) *credentials {
	c := &credentials{
		turn:   make(chan struct{}, 1),
		ticket: address.Read(strings.TrimPrefix(hash, "#"))[address.Ticket],
	}
	if c.ticket == "" {
		c.ticket = address.Read(strings.TrimPrefix(search, "?"))[address.Ticket]
	}
	if c.mark = frame.Mark(); c.ticket != "" {
		c.mark = markOf(c.ticket)
	}
	if c.mark != "" {
		c.token = frame.Tab.Get(keyToken + c.mark)
	}
	return c
}

// errUsedUp is what the server would say of the ticket, which is gone by then.
var errUsedUp = &client.Error{Code: access.CodeTicketSpent, Message: "The ticket of this part was used before."}

// bearer is the session token of m's part. While there is none but a ticket, one
// client after the other uses that, until a server takes it; the token is then for
// all of them. Where both are gone nobody becomes a guest by that.
func (c *credentials) bearer(ctx context.Context, m *member) (string, error) {
	c.mu.Lock()
	token, ticket, ready, lost := c.token, c.ticket, c.user == m, c.mark != ""
	c.mu.Unlock()
	switch {
	case token != "" || ticket != "" && ready:
		return token, nil
	case ticket == "" && lost:
		return "", errUsedUp
	case ticket == "":
		return "", nil
	}
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token != "" {
		<-c.turn
		return c.token, nil
	}
	c.user = m
	return "", nil
}

// use is the ticket, for the client that has its turn.
func (c *credentials) use(m *member) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.user != m {
		return ""
	}
	return c.ticket
}

// failed lets another client try, as m was refused.
func (c *credentials) failed(m *member) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.user == m {
		c.pass()
	}
}

// pass ends the turn of a client. The caller holds mu.
func (c *credentials) pass() {
	c.user = nil
	<-c.turn
}

// keep takes a session token. The ticket is used then, and goes out of the page's
// address.
func (c *credentials) keep(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token = token
	if c.user != nil {
		c.pass()
	}
	if c.mark == "" {
		return // nothing names it, so nobody would find it
	}
	frame.Tab.Set(keyToken+c.mark, token)
	if c.ticket == "" {
		return
	}
	c.ticket = ""
	location := app.Window().Get("location")
	frame.Rewrite(location.Get("pathname").String()+
		withoutTicket(location.Get("search").String())+
		withoutTicket(location.Get("hash").String()), c.mark)
}

// markOf names a ticket and tells nothing about it.
func markOf(ticket string) string {
	sum := sha256.Sum256([]byte(ticket))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// withoutTicket is what is left of an address's query or fragment, with the sign
// that begins it, when the ticket is gone. What else is there stays as it is.
func withoutTicket(text string) string {
	if text == "" {
		return ""
	}
	sign, pairs := text[:1], strings.Split(text[1:], "&")
	left := pairs[:0]
	for _, pair := range pairs {
		name, _, _ := strings.Cut(strings.TrimPrefix(pair, "amp;"), "=")
		if plain, err := url.QueryUnescape(name); err == nil && strings.EqualFold(plain, address.Ticket) {
			continue
		}
		left = append(left, pair)
	}
	switch {
	case len(left) == len(pairs):
		return text
	case len(left) == 0:
		return ""
	}
	return sign + strings.Join(left, "&")
}
