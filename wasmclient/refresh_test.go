package client_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/shared/access"
	"partline.dev/shared/wire"
	client "partline.dev/wasmclient"
)

// patient is a program whose hub may be silent for long.
func patient(j *joiner) *client.Options {
	o := j.options()
	o.ServerTimeout, o.KeepAlive = 100*time.Hour, 50*time.Hour
	return o
}

// lasting is a client whose connection ends after expiresIn unless it is refreshed.
func lasting(t *testing.T, hub *fakeHub, o *client.Options, sessionToken string, expiresIn time.Duration) (*client.Client, *fakeConn, *states) {
	t.Helper()
	hub.access = accessText("page", sessionToken, expiresIn)
	c := hub.newClient(o)
	s := watch(t, c)
	run(t, c)
	conn := hub.accept()
	s.await(t, client.Connected)
	return c, conn, s
}

// call is the next message, once it has come; there may be a ping before it.
func (c *fakeConn) call(within time.Duration) (m *wire.Message, after time.Duration) {
	c.t.Helper()
	begun := time.Now()
	m = c.nextOf(wire.Invocation)
	if after = time.Since(begun); after > within {
		c.t.Errorf("%s comes after %v", m.Target, after)
	}
	return m, after
}

// TestRefresh_beforeItExpires shows the session token, again and again.
func TestRefresh_beforeItExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &joiner{}
		c, conn, s := lasting(t, newFakeHub(t), patient(j), "ps1.0", 8*time.Minute)
		token := "ps1.0"
		for range 5 {
			m, after := conn.call(6 * time.Minute)
			if after < 6*time.Minute*9/10 {
				t.Errorf("it comes after %v", after)
			}
			if string(m.Target) != "$refresh" || string(m.Arguments) != `["`+token+`"]` {
				t.Fatalf("calls %s%s", m.Target, m.Arguments)
			}
			token += "x"
			conn.send(`{"type":3,"invocationId":"` + string(m.InvocationID) + `","result":` + accessText("page", token, 8*time.Minute) + `}` + "\x1e")
			if now := s.await(t, client.Connected); now.Access == nil || now.Access.SessionToken != "" {
				t.Errorf("%+v", now)
			}
		}
		if want := []string{"ps1.0", "ps1.0x", "ps1.0xx", "ps1.0xxx", "ps1.0xxxx", "ps1.0xxxxx"}; !slices.Equal(j.kept, want) {
			t.Errorf("%q are kept", j.kept)
		}
		// What never ends is not refreshed.
		m, _ := conn.call(6 * time.Minute)
		conn.send(`{"type":3,"invocationId":"` + string(m.InvocationID) + `","result":` + accessText("page", "", 0) + `}` + "\x1e")
		pass(10 * time.Hour)
		synctest.Wait()
		if len(conn.toHub) > 0 || c.State().Phase != client.Connected {
			t.Errorf("%d messages more; %+v", len(conn.toHub), c.State())
		}
	})
}

// TestRefresh_withTheProgramsToken shows a fresh one, which requests have from then
// on.
func TestRefresh_withTheProgramsToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		hub.offers = client.LongPolling
		o := patient(&joiner{})
		tokens := []string{"jwt0", "jwt1", "jwt2"}
		o.SessionToken = "ps1.old"
		o.Token = func(context.Context) (string, error) {
			next := tokens[0]
			tokens = tokens[1:]
			return next, nil
		}
		soFar := hub.watchTokens()
		_, conn, _ := lasting(t, hub, o, "ps1.x", time.Minute)
		m, _ := conn.call(45 * time.Second)
		if string(m.Arguments) != `["jwt1"]` {
			t.Errorf("shows %s", m.Arguments)
		}
		conn.send(`{"type":3,"invocationId":"` + string(m.InvocationID) + `","result":` + accessText("page", "", time.Minute) + `}` + "\x1e")
		synctest.Wait()
		used := soFar()
		if _, negotiated := hub.negotiations(); negotiated[0] != "jwt0" || used[0] != "jwt0" || used[len(used)-1] != "jwt1" {
			t.Errorf("negotiates with %q, then %q", negotiated, used)
		}
		if m, _ := conn.call(45 * time.Second); string(m.Arguments) != `["jwt2"]` {
			t.Errorf("shows %s", m.Arguments)
		}
	})
}

// TestRefresh_failing is tried until the end; then the hub says why, and the client
// comes back with what it has.
func TestRefresh_failing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, j := newFakeHub(t), &joiner{request: access.Request{Ticket: "pt1.x", Where: page}}
		_, conn, s := lasting(t, hub, patient(j), "ps1.0", 8*time.Minute)
		begun := time.Now()
		conn.refuse("$refresh", "[session] This session has ended.")
		tries := 1
		for range 1000 {
			synctest.Wait()
			if len(conn.toHub) > 0 {
				conn.refuse("$refresh", "[session] This session has ended.")
				if time.Since(begun) > 8*time.Minute {
					t.Error("one is tried after the end")
				}
				tries++
			}
			pass(time.Second)
		}
		if tries < 4 {
			t.Errorf("it was tried %d times", tries)
		}
		if time.Since(begun) < 8*time.Minute {
			t.Fatal("this test ends too soon")
		}
		conn.send(`{"type":7,"error":"[expired] What let you in has expired.","allowReconnect":true}` + "\x1e")
		conn.end(io.EOF)
		if err := s.failure(t); hubSaid(err).Code != access.CodeExpired {
			t.Errorf("%v", err)
		}
		hub.accept()
		s.await(t, client.Connected)
		if _, tokens := hub.negotiations(); tokens[1] != "ps1.0" {
			t.Errorf("comes back with %q", tokens)
		}
	})
}

// TestRefresh_thatSucceedsAtLast is the beginning of another row.
func TestRefresh_thatSucceedsAtLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := patient(&joiner{})
		broken := 0
		o.Token = func(context.Context) (string, error) {
			if broken++; broken == 2 {
				return "", errors.New("the token's server is down")
			}
			return "jwt", nil
		}
		_, conn, _ := lasting(t, newFakeHub(t), o, "", 8*time.Minute)
		m, after := conn.call(6*time.Minute + time.Second)
		if broken != 3 || string(m.Target) != "$refresh" || after < 5*time.Minute {
			t.Errorf("%s after %v, with token %d", m.Target, after, broken)
		}
		conn.send(`{"type":3,"invocationId":"` + string(m.InvocationID) + `","result":` + accessText("page", "", 8*time.Minute) + `}` + "\x1e")
		if _, after := conn.call(6 * time.Minute); after < 5*time.Minute {
			t.Errorf("the next comes after %v", after)
		}
	})
}

// TestRefresh_withNothing is not tried.
func TestRefresh_withNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, conn, _ := lasting(t, newFakeHub(t), patient(&joiner{}), "", time.Minute)
		pass(10 * time.Minute)
		synctest.Wait()
		if len(conn.toHub) > 0 {
			t.Errorf("sends %s", <-conn.toHub)
		}
	})
}

// TestRefresh_hubThatHurries cannot make the client hurry more than once a second.
func TestRefresh_hubThatHurries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, conn, _ := lasting(t, newFakeHub(t), patient(&joiner{}), "ps1.x", time.Millisecond)
		begun := time.Now()
		for range 10 {
			conn.answer("$refresh", accessText("page", "", time.Millisecond))
		}
		if took := time.Since(begun); took < 10*time.Second {
			t.Errorf("ten refreshes in %v", took)
		}
	})
}

func TestRefresh_isDueAt(t *testing.T) {
	least := func(int64) int64 { return 0 }
	most := func(n int64) int64 { return n - 1 }
	for _, c := range []struct{ left, latest, soonest time.Duration }{
		{8 * time.Hour, 6 * time.Hour, 5*time.Hour + 24*time.Minute},
		{4 * time.Second, 3 * time.Second, 2700 * time.Millisecond},
		{time.Second, time.Second, time.Second},
		{0, time.Second, time.Second},
		{-time.Hour, time.Second, time.Second},
	} {
		if latest, soonest := client.RefreshIn(c.left, least), client.RefreshIn(c.left, most); latest != c.latest || soonest != c.soonest {
			t.Errorf("of %v: after %v to %v", c.left, soonest, latest)
		}
	}
}

// TestSecrets_areNowhereElse: what the client shows of itself has none.
func TestSecrets_areNowhereElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		j := &joiner{request: access.Request{Ticket: "pt1.secret", Where: access.Where{Page: "secretsecretsecretsecr"}}}
		var shown []string
		c, conn, s := lasting(t, hub, patient(j), "ps1.secret", 8*time.Minute)
		conn.refuse("$refresh", "[session] This session has ended.")
		conn.refuse("$refresh", "[session] This session has ended.")
		conn.end(io.EOF)
		shown = append(shown, s.failure(t).Error())
		hub.mu.Lock()
		hub.negotiate = func(attempt int) (*client.Response, error) {
			return refusedWith(401, []access.Code{"session", "ticket-spent"}[attempt%2], "No."), nil
		}
		hub.mu.Unlock()
		for range 3 {
			shown = append(shown, s.failure(t).Error())
		}
		shown = append(shown, j.logged...)
		if text := strings.Join(shown, "\n"); strings.Contains(text, "secret") || c.Access().SessionToken != "" || len(shown) < 4 {
			t.Errorf("it shows\n%s", text)
		}
	})
}
