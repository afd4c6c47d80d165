package part_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/app/part"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
	client "partline.dev/wasmclient"
)

// fakeClient writes down what it is told.
type fakeClient struct {
	mu   sync.Mutex // protects following
	told []string
	err  error // what it answers
}

func (c *fakeClient) tell(words string) (access.Access, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told = append(c.told, words)
	return access.Access{}, c.err
}

func (c *fakeClient) Enter(_ context.Context, w access.Where) (access.Access, error) {
	return c.tell(strings.Join([]string{string(w.Scope), w.Page, w.Session, w.Place}, "|"))
}

func (c *fakeClient) Rename(_ context.Context, name string) (access.Access, error) {
	return c.tell("name " + name)
}

func (c *fakeClient) Again() { _, _ = c.tell("again") }

// heard is what it was told since it was asked last.
func (c *fakeClient) heard() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	told := c.told
	c.told = nil
	return told
}

func (c *fakeClient) answer(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
}

func expect(t *testing.T, c *fakeClient, want ...string) {
	t.Helper()
	synctest.Wait()
	if got := c.heard(); !slices.Equal(got, want) {
		t.Errorf("the client was told %q, not %q", got, want)
	}
}

// following is a page with one client, which has connected.
func following(t *testing.T, query string) (*part.Page, *part.Member, *fakeClient) {
	p := part.NewPage(aPart(), query)
	p.ReadCredentials("", "")
	p.SetIDs("page", "session")
	c := &fakeClient{}
	m := p.Add(c)
	m.Join()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.Follow(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	synctest.Wait()
	return p, m, c
}

func TestAudience_isWhatTheAddressSays(t *testing.T) {
	for query, want := range map[string]access.Where{
		"":                                 {Scope: "page"},
		"scope=tenant":                     {Scope: "tenant"},
		"SCOPE=Tenant":                     {Scope: "tenant"},
		"scope=everybody":                  {Scope: "page"},
		"scope=_scope_":                    {Scope: "page"},
		"scope=place&room=Room%2012":       {Scope: "place", Place: "Room 12"},
		"room=" + strings.Repeat("ä", 200): {Scope: "page", Place: strings.Repeat("ä", 127)},
	} {
		p := part.NewPage(aPart(), query)
		p.ReadCredentials("", "")
		if got := p.Add(&fakeClient{}).Join().Where; got != want {
			t.Errorf("%q asks for %+v, not %+v", query, got, want)
		}
		if p.Scope() != want.Scope || p.AskedScope() != want.Scope {
			t.Errorf("%q is in %s and asked for %s", query, p.Scope(), p.AskedScope())
		}
	}
	if p := (&part.Page{}); p.Scope() != contract.ScopePage || p.Access().Scope != "" || p.Nickname() != "" {
		t.Error("on the server it says something else")
	}
}

func TestAudience_followsThePage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, m, c := following(t, "")
		expect(t, c)
		p.SetIDs("older", "session")
		expect(t, c, "page|older|session|")
		p.SetIDs("older", "session")
		expect(t, c)
		if got := m.Join().Where.Page; got != "older" {
			t.Errorf("when it connects again it asks for %q", got)
		}

		// Without a connection the client will ask for it.
		c.answer(client.ErrNotConnected)
		p.SetIDs("oldest", "session")
		expect(t, c, "page|oldest|session|")
		time.Sleep(time.Minute)
		expect(t, c)

		// What the server refuses is tried again.
		c.answer(&client.Error{Code: access.CodeRate})
		p.SetIDs("oldest", "other")
		expect(t, c, "page|oldest|other|")
		c.answer(nil)
		time.Sleep(time.Second)
		expect(t, c, "page|oldest|other|")
		time.Sleep(time.Minute)
		expect(t, c)
	})
}

// A client that has not connected yet is told nothing: it asks.
func TestAudience_beforeItConnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _, _ := following(t, "")
		late := &fakeClient{}
		m := p.Add(late)
		p.SetIDs("older", "session")
		if err := p.SetScope(t.Context(), contract.ScopeTenant); err != nil {
			t.Error(err)
		}
		expect(t, late, "again")
		if got := m.Join().Where; got != (access.Where{Scope: "tenant", Page: "older", Session: "session"}) {
			t.Errorf("it asks for %+v", got)
		}
	})
}

func TestSetScope(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _, c := following(t, "")
		if err := p.SetScope(t.Context(), contract.ScopeTenant); err != nil || p.AskedScope() != contract.ScopeTenant {
			t.Errorf("it is %v, and asks for %s", err, p.AskedScope())
		}
		expect(t, c, "tenant|page|session|", "again")

		refusal := &client.Error{Code: access.CodeScope}
		c.answer(refusal)
		if err := p.SetScope(t.Context(), contract.ScopeWorld); !errors.Is(err, refusal) || p.AskedScope() != contract.ScopeTenant {
			t.Errorf("refused, it is %v, and asks for %s", err, p.AskedScope())
		}
		expect(t, c, "world|page|session|")

		c.answer(client.ErrNotConnected)
		if err := p.SetScope(t.Context(), contract.ScopePage); err != nil || p.AskedScope() != contract.ScopePage {
			t.Errorf("without a connection it is %v, and asks for %s", err, p.AskedScope())
		}
		expect(t, c, "page|page|session|", "again")
	})
}

// Of two clients either both change, or none.
func TestSetScope_ofTwoClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _, one := following(t, "")
		two := &fakeClient{}
		p.Add(two).Join()
		two.answer(&client.Error{Code: access.CodeScope})
		if err := p.SetScope(t.Context(), contract.ScopeTenant); err == nil || p.AskedScope() != contract.ScopePage {
			t.Errorf("it is %v, and asks for %s", err, p.AskedScope())
		}
		expect(t, one, "tenant|page|session|", "again", "page|page|session|")
		expect(t, two, "tenant|page|session|")
	})
}

func TestSetNickname(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, m, c := following(t, "")
		if err := p.SetNickname(t.Context(), "  Ann "); err != nil || p.Nickname() != "Ann" || m.Join().Name != "Ann" {
			t.Errorf("it is %v, the name %q", err, p.Nickname())
		}
		expect(t, c, "name Ann", "again")

		var refusal *access.Refusal
		if err := p.SetNickname(t.Context(), "A\u202enn"); !errors.As(err, &refusal) || refusal.Code != access.CodeName || p.Nickname() != "Ann" {
			t.Errorf("with a name that turns it is %v, the name %q", err, p.Nickname())
		}
		c.answer(&client.Error{Code: access.CodeName})
		if err := p.SetNickname(t.Context(), "Root"); err == nil || p.Nickname() != "Ann" {
			t.Errorf("refused, it is %v, the name %q", err, p.Nickname())
		}
		expect(t, c, "name Root")

		c.answer(nil)
		if err := p.SetNickname(t.Context(), ""); err != nil || p.Nickname() != "" {
			t.Errorf("taken back, it is %v, the name %q", err, p.Nickname())
		}
		expect(t, c, "name ", "again")

		// A user has a name already.
		m.Hear(client.State{Phase: client.Connected, Access: &access.Access{You: access.Person{ID: "ann"}}})
		if err := p.SetNickname(t.Context(), "Bob"); err != nil {
			t.Error(err)
		}
		expect(t, c, "again")
	})
}

// A scope that is not allowed is not waited for: the narrowest that is takes its
// place, and the page says both.
func TestAudience_narrowest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, m, c := following(t, "scope=tenant&room=hall")
		c.answer(client.ErrNotConnected)
		refused := func(code access.Code) {
			m.Hear(client.State{Err: errors.Join(errors.New("403"), &client.Error{Code: code}), RetryAt: time.Now().Add(time.Second)})
		}
		for _, next := range []string{"page", "session", "user", "place"} {
			refused(access.CodeScope)
			expect(t, c, next+"|page|session|hall", "again")
		}
		if got := m.Join().Where.Scope; got != contract.ScopePlace {
			t.Errorf("it asks for %s", got)
		}
		m.Hear(client.State{Phase: client.Connected, Access: &access.Access{Scope: contract.ScopePlace}})
		if p.Scope() != contract.ScopePlace || p.AskedScope() != contract.ScopeTenant {
			t.Errorf("it is in %s and asked for %s", p.Scope(), p.AskedScope())
		}
		expect(t, c)

		// Other rules may allow it.
		refused(access.CodeRules)
		expect(t, c, "tenant|page|session|hall")

		// Where none is allowed it waits before it asks for all of them again.
		for range 4 {
			refused(access.CodeScope)
			synctest.Wait()
		}
		c.heard()
		refused(access.CodeScope)
		expect(t, c, "tenant|page|session|hall")
		refused(access.CodeRate)
		expect(t, c)
	})
}
