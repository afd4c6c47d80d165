package client_test

import (
	"context"
	"errors"
	"io"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/shared/access"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
	client "partline.dev/wasmclient"
)

// entered is what Enter gave.
type entered struct {
	access access.Access
	err    error
}

// enter calls Enter in a goroutine of its own.
func enter(ctx context.Context, c *client.Client, w access.Where) <-chan entered {
	done := make(chan entered, 1)
	go func() {
		a, err := c.Enter(ctx, w)
		done <- entered{a, err}
	}()
	return done
}

var (
	tenant = access.Where{Scope: contract.ScopeTenant}
	place  = access.Where{Scope: contract.ScopePlace, Place: "Großer Saal"}
)

// enterText is how a place is asked for.
func enterText(w access.Where) string {
	return `[{"scope":"` + string(w.Scope) + `","page":"` + w.Page + `","session":"` + w.Session + `","place":"` + w.Place + `"}]`
}

// admitted connects a client, which has the session token ps1.x then.
func admitted(t *testing.T, hub *fakeHub, j *joiner) (*client.Client, *fakeConn, *states) {
	t.Helper()
	hub.access = accessText("page", "ps1.x", 0)
	c := hub.newClient(j.options())
	s := watch(t, c)
	run(t, c)
	conn := hub.accept()
	s.await(t, client.Connected)
	return c, conn, s
}

// TestEnter changes whom the client hears, and is remembered.
func TestEnter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, j := newFakeHub(t), &joiner{request: access.Request{Where: page}}
		c, conn, s := admitted(t, hub, j)
		done := enter(t.Context(), c, tenant)
		m := conn.answer("$enter", accessText("tenant", "ps1.y", 0))
		if string(m.Arguments) != enterText(tenant) {
			t.Errorf("asks for %s", m.Arguments)
		}
		want := accessOf("tenant", 0)
		if got := <-done; got.err != nil || !reflect.DeepEqual(got.access, want) {
			t.Errorf("%+v", got)
		}
		if now := s.await(t, client.Connected); now.Transport != client.WebSockets || !reflect.DeepEqual(*now.Access, want) {
			t.Errorf("the watcher hears %+v", now)
		}
		conn.end(io.EOF)
		conn = hub.accept()
		s.await(t, client.Connected)
		bodies, tokens := hub.negotiations()
		if bodies[1] != body("", "", "", tenant) || tokens[1] != "ps1.y" || !slices.Equal(j.kept, []string{"ps1.x", "ps1.y", "ps1.x"}) {
			t.Errorf("comes back with %q, %q; %q are kept", bodies, tokens, j.kept)
		}
		synctest.Wait()
		if len(conn.toHub) > 0 {
			t.Errorf("sends %q", <-conn.toHub)
		}
	})
}

// TestEnter_refused changes nothing, now or later.
func TestEnter_refused(t *testing.T) {
	for text, want := range map[string]client.Error{
		"Failed to invoke '$enter' due to an error on the server. HubException: [scope] Not here.": {Code: "scope", Message: "Not here."},
		"Unknown hub method '$enter'": {Message: "Unknown hub method '$enter'"},
	} {
		synctest.Test(t, func(t *testing.T) {
			hub, j := newFakeHub(t), &joiner{request: access.Request{Where: page}}
			c, conn, s := admitted(t, hub, j)
			done := enter(t.Context(), c, tenant)
			conn.refuse("$enter", text)
			if got := <-done; hubSaid(got.err) != want || !reflect.DeepEqual(c.Access(), accessOf("page", 0)) {
				t.Errorf("%v; %+v", got.err, c.Access())
			}
			conn.end(io.EOF)
			hub.accept()
			s.await(t, client.Connected)
			if bodies, _ := hub.negotiations(); bodies[1] != body("", "", "", page) {
				t.Errorf("comes back with %q", bodies)
			}
		})
	}
}

// TestEnter_answersThatCannotBe change nothing either.
func TestEnter_answersThatCannotBe(t *testing.T) {
	for _, result := range []string{`5`, `{"scopes":7}`, `{"sessionToken":"a b"}`} {
		synctest.Test(t, func(t *testing.T) {
			c, conn, _ := admitted(t, newFakeHub(t), &joiner{})
			done := enter(t.Context(), c, tenant)
			conn.answer("$enter", result)
			if got := <-done; got.err == nil || !reflect.DeepEqual(c.Access(), accessOf("page", 0)) {
				t.Errorf("%s: %+v; %+v", result, got, c.Access())
			}
		})
	}
}

// TestEnter_withoutAConnection is for the next one.
func TestEnter_withoutAConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		hub.access = accessText("tenant", "", 0)
		c := hub.newClient((&joiner{request: access.Request{Name: "Ann", Where: page}}).options())
		if _, err := c.Enter(t.Context(), tenant); !errors.Is(err, client.ErrNotConnected) {
			t.Errorf("%v", err)
		}
		if _, err := c.Rename(t.Context(), "Bob"); !errors.Is(err, client.ErrNotConnected) {
			t.Errorf("%v", err)
		}
		run(t, c)
		conn := hub.accept()
		synctest.Wait()
		if bodies, _ := hub.negotiations(); bodies[0] != body("", "", "Bob", tenant) || len(conn.toHub) > 0 {
			t.Errorf("negotiates with %q, and sends %d messages", bodies, len(conn.toHub))
		}
	})
}

// TestEnter_duringAReconnect, when the negotiation has asked for something else
// already, is done before calls are made that others may hear.
func TestEnter_duringAReconnect(t *testing.T) {
	for _, join := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			hub := newFakeHub(t)
			hub.access = accessText("page", "", 0)
			o := (&joiner{request: access.Request{Where: page}}).options()
			if !join {
				o.Join = nil
			}
			c := hub.newClient(o)
			hub.negotiate = func(attempt int) (*client.Response, error) {
				if attempt == 2 {
					// The body is on its way.
					if _, err := c.Enter(context.Background(), tenant); !errors.Is(err, client.ErrNotConnected) {
						t.Errorf("%v", err)
					}
					if _, err := c.Rename(context.Background(), "Bob"); !errors.Is(err, client.ErrNotConnected) {
						t.Errorf("%v", err)
					}
				}
				return nil, nil
			}
			s := watch(t, c)
			run(t, c)
			hub.accept().end(io.EOF)
			conn := hub.accept()
			s.await(t, client.Reconnecting)
			synctest.Wait()
			if now := c.State(); now.Phase != client.Reconnecting {
				t.Errorf("it is %v while it hears others than it shall", now.Phase)
			}
			if m := conn.answer("$rename", accessText("page", "", 0)); string(m.Arguments) != `["Bob"]` {
				t.Errorf("asks for %s", m.Arguments)
			}
			if m := conn.answer("$enter", accessText("tenant", "", 0)); string(m.Arguments) != enterText(tenant) {
				t.Errorf("asks for %s", m.Arguments)
			}
			if now := s.await(t, client.Connected); now.Phase != client.Connected {
				t.Errorf("%+v", now)
			}
			synctest.Wait()
			if c.Access().Scope != "tenant" {
				t.Errorf("%+v", c.Access())
			}
			conn.end(io.EOF)
			conn = hub.accept()
			if !join {
				conn.answer("$rename", accessText("page", "", 0))
				conn.answer("$enter", accessText("tenant", "", 0))
			} else if bodies, _ := hub.negotiations(); bodies[2] != body("", "", "Bob", tenant) {
				t.Errorf("comes back with %q", bodies)
			}
			synctest.Wait()
			if c.State().Phase != client.Connected || len(conn.toHub) > 0 {
				t.Errorf("%+v, %d messages more", c.State(), len(conn.toHub))
			}
		})
	}
}

// TestEnter_duringAReconnectIsRefused: the log says it, and it is not asked for again.
func TestEnter_duringAReconnectIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, j := newFakeHub(t), &joiner{request: access.Request{Where: page}}
		c := hub.newClient(j.options())
		hub.negotiate = func(attempt int) (*client.Response, error) {
			if attempt == 1 {
				_, _ = c.Enter(context.Background(), tenant)
				_, _ = c.Rename(context.Background(), "Bob")
			}
			return nil, nil
		}
		s := watch(t, c)
		run(t, c)
		conn := hub.accept()
		conn.answer("$rename", accessText("page", "", 0))
		conn.refuse("$enter", "[scope] Not here.")
		s.await(t, client.Connected)
		if len(j.logged) != 1 || !says(errors.New(j.logged[0]), "is refused: access.$enter: Not here.") {
			t.Errorf("the log has %q", j.logged)
		}
		conn.end(io.EOF)
		conn = hub.accept()
		synctest.Wait()
		if bodies, _ := hub.negotiations(); bodies[1] != body("", "", "Bob", page) || len(conn.toHub) > 0 {
			t.Errorf("comes back with %q", bodies)
		}
	})
}

// TestEnter_connectionLostMeanwhile is asked for again.
func TestEnter_connectionLostMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		c, conn, _ := admitted(t, hub, &joiner{request: access.Request{Where: page}})
		done := enter(t.Context(), c, tenant)
		conn.nextOf(wire.Invocation)
		conn.end(io.EOF)
		if got := <-done; !errors.Is(got.err, client.ErrNotConfirmed) {
			t.Errorf("%v", got.err)
		}
		hub.accept()
		if bodies, _ := hub.negotiations(); bodies[1] != body("", "", "", tenant) {
			t.Errorf("comes back with %q", bodies)
		}
	})
}

// TestEnter_nobodyWaits: what the hub has done is known all the same.
func TestEnter_nobodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn, _ := admitted(t, newFakeHub(t), &joiner{})
		ctx, cancel := context.WithCancel(t.Context())
		done := enter(ctx, c, tenant)
		synctest.Wait()
		cancel()
		if got := <-done; !errors.Is(got.err, context.Canceled) {
			t.Errorf("%v", got.err)
		}
		again := enter(t.Context(), c, place) // has to wait for its turn
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.Enter(impatient, page); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		conn.answer("$enter", accessText("tenant", "", 0))
		if m := conn.nextOf(wire.Invocation); string(m.Arguments) != enterText(place) {
			t.Errorf("asks for %s", m.Arguments)
		} else if got := c.Access().Scope; got != "tenant" {
			t.Errorf("it is in %q", got)
		} else {
			conn.send(`{"type":3,"invocationId":"` + string(m.InvocationID) + `","error":"[place] Not there."}` + "\x1e")
		}
		if got := <-again; hubSaid(got.err).Code != "place" || c.Access().Scope != "tenant" {
			t.Errorf("%v; %+v", got.err, c.Access())
		}
	})
}

// TestEnter_fromAWatcher may be called, which waits for the answer.
func TestEnter_fromAWatcher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		c := hub.newClient((&joiner{}).options())
		done := make(chan entered, 1)
		t.Cleanup(c.Watch(func(now client.State) {
			if now.Phase == client.Connected && now.Access == nil {
				a, err := c.Enter(context.Background(), tenant)
				done <- entered{a, err}
			}
		}))
		run(t, c)
		conn := hub.accept()
		conn.answer("$enter", accessText("tenant", "", 0))
		if got := <-done; got.err != nil || got.access.Scope != "tenant" {
			t.Errorf("%+v", got)
		}
	})
}

// TestEnter_isNotAskedAgainOfAConnectionThatIsResumed.
func TestEnter_isNotAskedAgainOfAConnectionThatIsResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		hub.resumes = true
		c, conn, s := admitted(t, hub, &joiner{})
		done := enter(t.Context(), c, tenant)
		conn.answer("$enter", accessText("tenant", "", 0))
		<-done
		conn.end(io.EOF)
		conn = <-hub.conns
		conn.send(`{"type":9,"sequenceId":1}` + "\x1e")
		s.await(t, client.Reconnecting)
		if now := s.await(t, client.Connected); now.Access == nil || now.Access.Scope != "tenant" {
			t.Errorf("%+v", now)
		}
		if n := hub.asked; n != 1 {
			t.Errorf("%d negotiations", n)
		}
	})
}

// TestCall_theMethodsOfEveryHub can be called as any other.
func TestCall_theMethodsOfEveryHub(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn, _ := admitted(t, newFakeHub(t), &joiner{})
		done := make(chan error, 1)
		go func() {
			a, err := client.Call(t.Context(), c, access.Refresh, access.RefreshRequest{Token: "t"})
			if err == nil && !reflect.DeepEqual(a, accessOf("page", 0)) {
				err = errors.New("another answer")
			}
			done <- err
		}()
		if m := conn.answer("$refresh", accessText("page", "", 0)); string(m.Arguments) != `["t"]` {
			t.Errorf("sends %s", m.Arguments)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
