package e2e_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"partline.dev/internal/testkit/faultproxy"
	"partline.dev/internal/testkit/partline"
	"partline.dev/shared/access"
	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
	client "partline.dev/wasmclient"
)

// gate is a server of one tenant, Contoso, whose guests say their names, behind a
// proxy that can cut every link.
type gate struct {
	t     *testing.T
	url   string
	keys  string
	proxy *faultproxy.Proxy
}

func newGate(t *testing.T) *gate {
	t.Helper()
	dir := t.TempDir()
	file, keys := filepath.Join(dir, "tenants.yaml"), filepath.Join(dir, "keys")
	if err := os.WriteFile(file, []byte("tenants:\n  contoso:\n    guests: named\n    embed-keys: [ek_3fA9u0Zq7LxYc2VbNw5Rtg]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := partline.Start(t, binary, "--tenants", file, "--keys", keys, "--log-level", "debug")
	proxy, err := faultproxy.Listen(strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { proxy.Close() })
	return &gate{t, "http://" + proxy.Addr() + "/hubs/connected", keys, proxy}
}

// ticket mints one for Ann.
func (g *gate) ticket(more ...string) string {
	g.t.Helper()
	out, problem, ok := output(g.t, append([]string{"ticket", "--keys", g.keys, "--tenant", "contoso", "--user", "ann", "--name", "Ann"}, more...)...)
	if !ok {
		g.t.Fatal(problem)
	}
	return strings.TrimSpace(out)
}

// visitor is a client of Contoso's, and what it hears.
type visitor struct {
	*client.Client
	t      *testing.T
	states chan client.State
	heard  chan heardFrom

	mu   sync.Mutex // protects following
	kept []string
}

type heardFrom struct {
	from access.Person
	said connected.Broadcast
}

// come runs a client that introduces itself so.
func (g *gate) come(w clientWay, sessionToken string, introduce func() access.Request) *visitor {
	g.t.Helper()
	v := &visitor{t: g.t, states: make(chan client.State, 1000), heard: make(chan heardFrom, 100)}
	v.Client = client.New(g.url, connected.Hub, &client.Options{
		Transports: w.transport, Codec: w.codec, StatefulReconnect: -1, SessionToken: sessionToken,
		RetryBase: 100 * time.Millisecond, RetryMax: time.Second,
		Join: func(context.Context) (access.Request, error) { return introduce(), nil },
		KeepSession: func(token string) {
			v.mu.Lock()
			defer v.mu.Unlock()
			v.kept = append(v.kept, token)
		},
	})
	v.begin()
	return v
}

// begin runs the client until the test ends.
func (v *visitor) begin() {
	client.OnFrom(v.Client, connected.BroadcastMessage, func(from access.Person, b connected.Broadcast) {
		v.heard <- heardFrom{from, b}
	})
	v.Watch(func(s client.State) { v.states <- s })
	ended := make(chan error, 1)
	go func() { ended <- v.Run(context.Background()) }()
	v.t.Cleanup(func() {
		v.Close()
		<-ended
	})
}

// await waits for a state that is what is asked for.
func (v *visitor) await(what string, is func(client.State) bool) client.State {
	v.t.Helper()
	guard := time.After(time.Minute)
	for {
		select {
		case s := <-v.states:
			if is(s) {
				return s
			}
		case <-guard:
			v.t.Fatalf("it is never %s; it is %+v", what, v.State())
		}
	}
}

// connected waits until the client is, and says as what.
func (v *visitor) connected() access.Access {
	v.t.Helper()
	s := v.await("connected", func(s client.State) bool { return s.Phase == client.Connected })
	if s.Access == nil {
		v.t.Fatal("the server says nothing")
	}
	return *s.Access
}

// refused waits until the client is.
func (v *visitor) refused(code access.Code) {
	v.t.Helper()
	v.await("refused with "+string(code), func(s client.State) bool {
		e, ok := errors.AsType[*client.Error](s.Err)
		return ok && e.Code == code && e.Message != ""
	})
}

func (v *visitor) tokens() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.kept)
}

func (v *visitor) say(message string) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.t.Context(), time.Minute)
	defer cancel()
	if _, err := client.Call(ctx, v.Client, connected.SendMethod, connected.Send{Name: "Part", Message: message}); err != nil {
		v.t.Fatal(err)
	}
}

// hears waits for what is heard next.
func (v *visitor) hears(want heardFrom) {
	v.t.Helper()
	select {
	case got := <-v.heard:
		if got != want {
			v.t.Errorf("heard %+v, want %+v", got, want)
		}
	case <-time.After(time.Minute):
		v.t.Errorf("%+v is not heard", want)
	}
}

var (
	thisPage = access.Where{Scope: contract.ScopePage, Page: "Zm9vYmFyZm9vYmFyZm9vYg"}
	ann      = access.Person{ID: "ann", Name: "Ann"}
	bob      = access.Person{Name: "Bob", Guest: true}
)

func fromAnn(message string) heardFrom {
	return heardFrom{ann, connected.Broadcast{Name: "Ann · Part", Message: message}}
}

func fromBob(message string) heardFrom {
	return heardFrom{bob, connected.Broadcast{Name: "Bob (guest) · Part", Message: message}}
}

// TestClient_saysWhoItIs by a ticket and by a nickname, changes its scope while it is
// connected, and is the same in the same scope after its links were cut.
func TestClient_saysWhoItIs(t *testing.T) {
	t.Parallel()
	for _, w := range clientWays() {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t)
			ticket := g.ticket()
			byTicket := func() access.Request { return access.Request{Ticket: ticket, Where: thisPage} }
			a := g.come(w, "", byTicket)
			if got := a.connected(); got.You != ann || got.Scope != contract.ScopePage || got.SessionToken != "" || got.ExpiresIn <= 0 {
				t.Errorf("Ann is %+v", got)
			}
			name := ""
			b := g.come(w, "", func() access.Request {
				return access.Request{Key: "ek_3fA9u0Zq7LxYc2VbNw5Rtg", Name: name, Where: thisPage}
			})
			b.refused(access.CodeName)
			if _, err := b.Rename(t.Context(), "Bob"); !errors.Is(err, client.ErrNotConnected) {
				t.Errorf("%v", err)
			}
			b.Again()
			if got := b.connected(); got.You != bob {
				t.Errorf("Bob is %+v", got)
			}
			a.say("one")
			b.say("two")
			for _, v := range []*visitor{a, b} {
				v.hears(fromAnn("one"))
				v.hears(fromBob("two"))
			}

			// Ann goes elsewhere: they do not hear one another, until Bob follows.
			if got, err := a.Enter(t.Context(), access.Where{Scope: contract.ScopeTenant}); err != nil || got.Scope != contract.ScopeTenant || got.You != ann {
				t.Fatalf("%+v, %v", got, err)
			}
			b.say("three")
			b.hears(fromBob("three"))
			a.say("four")
			a.hears(fromAnn("four"))
			if _, err := b.Enter(t.Context(), access.Where{Scope: contract.ScopeWorld}); errCode(err) != access.CodeScope {
				t.Errorf("the world: %v", err)
			}
			if _, err := b.Enter(t.Context(), access.Where{Scope: contract.ScopeTenant}); err != nil {
				t.Fatal(err)
			}
			a.say("five")
			b.hears(fromAnn("five"))
			a.hears(fromAnn("five"))

			// Both come back as who they were, where they were.
			for len(a.states)+len(b.states) > 0 {
				select {
				case <-a.states:
				case <-b.states:
				}
			}
			g.proxy.Cut()
			for _, v := range []*visitor{a, b} {
				v.await("away", func(s client.State) bool { return s.Phase == client.Reconnecting })
				v.connected()
			}
			b.say("six")
			a.hears(fromBob("six"))

			// The ticket is used up; what was kept lets her in, with another as well.
			g.come(w, "", byTicket).refused(access.CodeTicketSpent)
			kept := a.tokens()
			if got := g.come(w, kept[len(kept)-1], byTicket).connected(); got.You != ann || got.Scope != contract.ScopePage {
				t.Errorf("Ann is %+v", got)
			}
			g.come(w, "ps1.forged", byTicket).refused(access.CodeTicketSpent)
			another := g.ticket() // those who were refused try the first one again
			if got := g.come(w, "ps1.forged", func() access.Request {
				return access.Request{Ticket: another, Where: thisPage}
			}).connected(); got.You != ann {
				t.Errorf("Ann is %+v", got)
			}
		})
	}
}

// errCode is the code of what a hub said.
func errCode(err error) access.Code {
	if e, ok := errors.AsType[*client.Error](err); ok {
		return e.Code
	}
	return ""
}

// TestClient_staysLongerThanItsSession, as it refreshes that in time, without
// another connection.
func TestClient_staysLongerThanItsSession(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	ticket := g.ticket("--session", "6s")
	v := g.come(clientWays()[0], "", func() access.Request { return access.Request{Ticket: ticket, Where: thisPage} })
	first := v.connected()
	for last := first.Expires; last < first.Expires+8_000; {
		s := v.await("refreshed", func(s client.State) bool { return s.Phase != client.Connected || s.Access.Expires > last })
		if s.Phase != client.Connected {
			t.Fatalf("%+v", s)
		}
		last = s.Access.Expires
	}
	if tokens := v.tokens(); len(tokens) < 3 || tokens[0] == tokens[1] {
		t.Errorf("%d tokens", len(tokens))
	}
}
