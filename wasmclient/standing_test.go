package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/shared/access"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
	client "partline.dev/wasmclient"
)

// accessText is what a hub says, in JSON.
func accessText(scope contract.Scope, sessionToken string, expiresIn time.Duration) string {
	return fmt.Sprintf(`{"sessionToken":%q,"expires":7,"expiresIn":%d,"you":{"id":"","name":"Ann","icon":"","guest":true},`+
		`"scope":%q,"place":"","scopes":["page","tenant"],"speaks":["page"],"more":1}`, sessionToken, expiresIn.Milliseconds(), scope)
}

// accessOf is the same for who reads it.
func accessOf(scope contract.Scope, expiresIn time.Duration) access.Access {
	return access.Access{
		Expires: 7, ExpiresIn: expiresIn.Milliseconds(), You: access.Person{Name: "Ann", Guest: true}, Scope: scope,
		Scopes: []contract.Scope{contract.ScopePage, contract.ScopeTenant}, Speaks: []contract.Scope{contract.ScopePage},
	}
}

// joiner is a program that introduces its client.
type joiner struct {
	mu      sync.Mutex // protects following
	request access.Request
	asked   int
	kept    []string // session tokens
	logged  []string
}

func (j *joiner) options() *client.Options {
	return &client.Options{
		Join: func(context.Context) (access.Request, error) {
			j.mu.Lock()
			defer j.mu.Unlock()
			j.asked++
			return j.request, nil
		},
		KeepSession: func(token string) {
			j.mu.Lock()
			defer j.mu.Unlock()
			j.kept = append(j.kept, token)
		},
		Log: func(sentence string) {
			j.mu.Lock()
			defer j.mu.Unlock()
			j.logged = append(j.logged, sentence)
		},
	}
}

// body is the request, as it is sent.
func body(ticket, key, name string, w access.Where) string {
	return fmt.Sprintf(`application/json{"ticket":%q,"key":%q,"name":%q,"where":{"scope":%q,"page":%q,"session":%q,"place":%q}}`,
		ticket, key, name, w.Scope, w.Page, w.Session, w.Place)
}

// negotiations are the bodies and tokens so far.
func (h *fakeHub) negotiations() (bodies, tokens []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.bodies), slices.Clone(h.tokens)
}

// watchTokens notes the tokens of the requests that are no negotiations.
func (h *fakeHub) watchTokens() (soFar func() []string) {
	var mu sync.Mutex
	var tokens []string
	h.answer = func(r *client.Request) (*client.Response, error) {
		mu.Lock()
		defer mu.Unlock()
		tokens = append(tokens, r.Token())
		return nil, nil
	}
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(tokens)
	}
}

// answer answers the next call, which must be of that method.
func (c *fakeConn) answer(target, result string) *wire.Message {
	c.t.Helper()
	return c.settle(target, `"result":`+result)
}

// refuse answers the next call, which must be of that method, with an error.
func (c *fakeConn) refuse(target, text string) *wire.Message {
	c.t.Helper()
	return c.settle(target, `"error":`+strconv.Quote(text))
}

func (c *fakeConn) settle(target, outcome string) *wire.Message {
	c.t.Helper()
	m := c.nextOf(wire.Invocation)
	if string(m.Target) != target {
		c.t.Fatalf("the client calls %s, not %s", m.Target, target)
	}
	c.send(`{"type":3,"invocationId":"` + string(m.InvocationID) + `",` + outcome + `}` + "\x1e")
	return m
}

var page = access.Where{Scope: contract.ScopePage, Page: "Zm9vYmFyZm9vYmFyZm9vYg"}

// TestJoin says who the client is, and hears what that came to.
func TestJoin(t *testing.T) {
	for _, transport := range each {
		synctest.Test(t, func(t *testing.T) {
			j := &joiner{request: access.Request{Ticket: "pt1.x", Key: "ek_1", Name: "Ann", Where: page}}
			hub, c, s := over(t, transport, j.options())
			hub.access = accessText("page", "ps1.secret", 0)
			tokens := hub.watchTokens()
			run(t, c)
			hub.accept()
			want := accessOf("page", 0)
			if now := s.await(t, client.Connected); now.Access == nil || !reflect.DeepEqual(*now.Access, want) {
				t.Errorf("%v: the state has %+v", transport, now.Access)
			}
			if got := c.Access(); !reflect.DeepEqual(got, want) {
				t.Errorf("%v: %+v", transport, got)
			}
			synctest.Wait()
			bodies, negotiated := hub.negotiations()
			if !slices.Equal(bodies, []string{body("pt1.x", "ek_1", "Ann", page)}) || negotiated[0] != "" {
				t.Errorf("%v: negotiates with %q and the token %q", transport, bodies, negotiated)
			}
			if !slices.Equal(j.kept, []string{"ps1.secret"}) {
				t.Errorf("%v: %q are kept", transport, j.kept)
			}
			if slices.ContainsFunc(append(tokens(), hub.dialled), func(token string) bool { return token != "" }) {
				t.Errorf("%v: requests of a connection have the tokens %q", transport, tokens())
			}
		})
	}
}

// TestJoin_isNotSaidByOthers: who has no Join negotiates as SignalR's clients do,
// and hears nothing, whatever a hub says.
func TestJoin_isNotSaidByOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		hub.negotiate = func(int) (*client.Response, error) {
			hub.access = `"of another meaning"`
			return hub.negotiated("token1", true), nil
		}
		c := hub.newClient(nil)
		s := watch(t, c)
		run(t, c)
		hub.accept()
		if now := s.await(t, client.Connected); now.Access != nil || !reflect.DeepEqual(c.Access(), access.Access{}) {
			t.Errorf("%+v", now)
		}
		if bodies, _ := hub.negotiations(); !slices.Equal(bodies, []string{""}) {
			t.Errorf("sends %q", bodies)
		}
	})
}

func TestJoin_failing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		broken := errors.New("nobody knows the page")
		j := &joiner{}
		o := j.options()
		failures := 2
		asked := o.Join
		o.Join = func(ctx context.Context) (access.Request, error) {
			if failures--; failures >= 0 {
				return access.Request{Ticket: "pt1.secret"}, broken
			}
			return asked(ctx)
		}
		c := hub.newClient(o)
		s := watch(t, c)
		run(t, c)
		if err := s.failure(t); !errors.Is(err, broken) || says(err, "secret") {
			t.Errorf("%v", err)
		}
		hub.accept()
		s.await(t, client.Connected)
	})
}

func TestJoin_thatCannotBeSent(t *testing.T) {
	for text, r := range map[string]access.Request{
		"of at most 16384":        {Ticket: strings.Repeat("secret", access.MaxRequest/6)},
		"is not valid UTF-8":      {Name: "secret\xff"},
		"cannot be sent: Ticket:": {Ticket: "secret\xff"},
	} {
		synctest.Test(t, func(t *testing.T) {
			hub := newFakeHub(t)
			c := hub.newClient((&joiner{request: r}).options())
			s := watch(t, c)
			run(t, c)
			if err := s.failure(t); !says(err, text) || says(err, "secret") {
				t.Errorf("%q: %v", text, err)
			}
			if hub.asked > 0 {
				t.Error("something was sent")
			}
		})
	}
}

// TestSession_goesOnWithoutTheTicket when the connection is lost.
func TestSession_goesOnWithoutTheTicket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		j := &joiner{request: access.Request{Ticket: "pt1.x", Where: page}}
		hub.access = accessText("page", "ps1.first", 0)
		c := hub.newClient(j.options())
		s := watch(t, c)
		run(t, c)
		conn := hub.accept()
		s.await(t, client.Connected)
		hub.mu.Lock()
		hub.access = accessText("page", "ps1.second", 0)
		hub.mu.Unlock()
		conn.end(io.EOF)
		conn = hub.accept()
		s.await(t, client.Connected)
		hub.mu.Lock()
		hub.access = accessText("page", "", 0) // go on with what you have
		hub.mu.Unlock()
		conn.end(io.EOF)
		hub.accept()
		synctest.Wait()
		bodies, tokens := hub.negotiations()
		if !slices.Equal(tokens, []string{"", "ps1.first", "ps1.second"}) {
			t.Errorf("the tokens are %q", tokens)
		}
		without := body("", "", "", page)
		if !slices.Equal(bodies, []string{body("pt1.x", "", "", page), without, without}) {
			t.Errorf("the bodies are %q", bodies)
		}
		if !slices.Equal(j.kept, []string{"ps1.first", "ps1.second"}) || j.asked != 3 {
			t.Errorf("%q are kept, asked %d times", j.kept, j.asked)
		}
	})
}
