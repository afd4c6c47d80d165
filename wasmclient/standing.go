package client

import (
	"context"
	"errors"
	"slices"
	"sync"

	"partline.dev/shared/access"
)

// maxSessionToken is the longest session token that the client goes on with. It
// travels in a header.
const maxSessionToken = 8 << 10

// standing is what the client goes on with when a connection is lost: its session
// token, and what the program asked for meanwhile.
type standing struct {
	turn chan struct{} // holds a value while somebody asks for another Access, so that answers come in the order of questions
	keep func(token string)

	mu      sync.Mutex // protects following
	session string     // empty: there is none
	wish    wish
	made    int // wishes so far
}

// wish is what the program asked for after Options.Join.
type wish struct {
	number int           // of the latest that it is made of; zero: there is none
	where  *access.Where // nil: nothing but what Join says
	name   *string
}

func newStanding(o *Options) standing {
	return standing{turn: make(chan struct{}, 1), keep: o.KeepSession, session: o.SessionToken}
}

// begin waits until nobody else asks for another Access.
func (t *standing) begin(ctx context.Context) error {
	select {
	case t.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *standing) end() { <-t.turn }

// token is the session token.
func (t *standing) token() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.session
}

// now is what the program wishes.
func (t *standing) now() wish {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.wish
}

// change makes a wish, and returns the one before. Whoever calls it has its turn.
func (t *standing) change(by func(*wish)) (before, now wish) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before = t.wish
	by(&t.wish)
	t.made++
	t.wish.number = t.made
	return before, t.wish
}

// put takes back what the hub has refused. Whoever calls it has its turn.
func (t *standing) put(w wish) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wish = w
}

// goOnWith keeps the session token for the connections to come. Empty: the present
// one stays.
func (t *standing) goOnWith(token string) {
	if token == "" {
		return
	}
	t.mu.Lock()
	fresh := token != t.session
	t.session = token
	t.mu.Unlock()
	if fresh && t.keep != nil {
		t.keep(token)
	}
}

// checkAccess refuses what no hub has a reason to say.
func checkAccess(a *access.Access) error {
	if len(a.SessionToken) > maxSessionToken {
		return errors.New("the hub gave a session token that is too long")
	}
	for _, c := range []byte(a.SessionToken) {
		if c <= ' ' || c > '~' {
			return errors.New("the hub gave a session token that no request can carry")
		}
	}
	return nil
}

// Access is what the hub said last of who the client is, whom it hears and where it
// may speak, but for the SessionToken, which is a secret. It is zero until the
// client was connected, and with a hub that says nothing of it.
func (c *Client) Access() access.Access {
	a := c.State().Access
	if a == nil {
		return access.Access{}
	}
	own := *a
	own.Scopes, own.Speaks = slices.Clone(a.Scopes), slices.Clone(a.Speaks)
	return own
}

// learn takes what the hub said over s, unless s is over: then the next connection
// hears for itself.
func (c *Client) learn(s *session, a access.Access) {
	token := a.SessionToken
	a.SessionToken = ""
	c.mu.Lock()
	current := c.session == s
	if current {
		s.lasts(a.ExpiresIn)
		c.states.postAccess(&a)
	}
	c.mu.Unlock()
	if current {
		c.standing.goOnWith(token)
		c.states.deliver()
	}
}
