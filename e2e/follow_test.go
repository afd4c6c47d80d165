package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"partline.dev/e2e/chromium"
	"partline.dev/shared/access"
	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
	client "partline.dev/wasmclient"
)

// TestTenants_changeUnderTraffic rewrites the file while a hundred connections speak:
// a file with a mistake changes nothing, one that allows more drops nobody, and one
// that blocks a user drops that one's connection alone.
func TestTenants_changeUnderTraffic(t *testing.T) {
	l := newLand(t, nil)
	const users = 100
	var seats []*seat
	for i := range users {
		user := fmt.Sprintf("user%d", i)
		s := &seat{label: "seat " + user, author: user}
		token := l.issuer.token(user, user, time.Hour)
		v := l.visit(s, landWays[i%len(landWays)].over, func() string { return token }, access.Where{Scope: contract.ScopeUser})
		if got := v.connected(); got.You.ID != user {
			t.Fatalf("%s is %+v", user, got)
		}
		s.voice = v
		seats = append(seats, s)
	}
	negotiated := l.Metric(`partline_negotiations_total`)

	// Everybody speaks, one after the other, again and again, until the server has
	// logged the words, and then once more.
	said := 0
	speakUntil := func(words string, seats []*seat) {
		t.Helper()
		guard := time.After(time.Minute)
		for last := false; ; {
			done := strings.Contains(l.Log(), words)
			for _, s := range seats {
				said++
				text := fmt.Sprint(said)
				s.voice.say(text)
				if lines := s.voice.until(s.line(text)); len(lines) != 1 {
					t.Fatalf("%s has heard %q", s.label, lines)
				}
			}
			if last && done {
				return
			}
			last = done
			select {
			case <-guard:
				t.Fatalf("the log does not say %q", words)
			default:
			}
		}
	}
	undisturbed := func(seats []*seat) {
		t.Helper()
		for _, s := range seats {
			for v := s.voice.(*programVoice); len(v.states) > 0; {
				if state := <-v.states; state.Phase != client.Connected {
					t.Errorf("%s was %+v", s.label, state)
				}
			}
		}
		if now := l.Metric(`partline_negotiations_total`); now != negotiated {
			t.Errorf("%v connections were made anew", now-negotiated)
		}
	}

	good := l.text()
	l.write(strings.Replace(good, "guests: named", "guests: anyone", 1))
	speakUntil(`guests cannot be \"anyone\"`, seats)
	undisturbed(seats)

	l.write(strings.Replace(good, "guests: named", "guests: anybody", 1) + theWorld)
	speakUntil("the tenants are others now", seats)
	undisturbed(seats)
	if got, err := seats[0].voice.(*programVoice).Enter(t.Context(), access.Where{Scope: contract.ScopeWorld}); err != nil || got.Scope != contract.ScopeWorld {
		t.Errorf("what the file allows now is %+v, %v", got, err)
	}

	l.write(strings.Replace(good, "guests: named", "guests: anybody\n    blocked: [user1]", 1) + theWorld)
	blocked := seats[1].voice.(*programVoice)
	blocked.refused(access.CodeRevoked)
	rest := append([]*seat{seats[0]}, seats[2:]...)
	speakUntil("the tenants are others now", rest)
	undisturbed(rest)
	t.Logf("%d users were heard %d times while the file changed", users, said)
}

// TestRevocation_isHeard by every client of a user, over every transport, and by
// nobody else.
func TestRevocation_isHeard(t *testing.T) {
	for _, way := range landWays {
		t.Run(way.name, func(t *testing.T) {
			n := newNPMSite(t)
			l := newLand(t, []string{n.origin}, "--transports", way.name)
			b := chromium.Start(t, nil)
			seats := []*seat{
				{label: "annspart", author: "Ann", place: "hall"}, {label: "bobspart", author: "Bob", place: "hall"},
				{label: "annsprogram", author: "Ann"}, {label: "annsnode", author: "Ann"},
			}
			byTicket := func(user, name string) string { return l.ticketOfAPI(map[string]any{"user": user, "name": name}) }
			page := b.Open(l.hosts[0].view("/", l.snippet(seats[0], "one", keyContoso, byTicket("ann", "Ann"))+l.snippet(seats[1], "two", keyContoso, byTicket("bob", "Bob"))))
			seats[0].sit(t, page, "")
			seats[1].sit(t, page, "")
			token := l.issuer.token("ann", "Ann", time.Hour)
			program := l.visit(seats[2], way.over, func() string { return token }, access.Where{Scope: contract.ScopeTenant})
			program.connected()
			node := startNode(t, l.URL+"/hubs/connected", way.name, byTicket("ann", "Ann"))
			node.expect(said{State: "connected"})
			classic := l.openClassic(b, n, way, byTicket("ann", "Ann"))

			var answer struct{ Revoked bool }
			began := time.Now()
			l.ask("/api/v1/revocations", map[string]any{"user": "ann"}, &answer)
			node.expectClosed("[revoked] ")
			program.refused(access.CodeRevoked)
			annspart := seats[0].voice.(*partVoice)
			annspart.Wait("the reason", `document.body.innerText.includes("Your access was taken back. Ask whoever gave it to you.")`)
			classic.Wait("its end", `disconnected`)
			t.Logf("all four have heard it after %v", time.Since(began).Round(time.Millisecond))

			bobspart := seats[1].voice.(*partVoice)
			bobspart.say("still here")
			bobspart.expect(seats[1].line("still here"))

			// Neither what she had nor her frame loaded again lets her in.
			annspart.Run(`window.isOld = true; location.reload()`)
			annspart.Wait("the reason", `!window.isOld && document.body?.innerText.includes("Your access was taken back.")`)
		})
	}
}

// clockLeeway is for how long after its time the server takes a token of an issuer,
// whose clock may be another.
const clockLeeway = time.Minute

// TestToken_expiresWhileConnected closes the connection of a client that brings no
// other, with a reason, and one that does goes on, without another connection.
func TestToken_expiresWhileConnected(t *testing.T) {
	for _, way := range landWays {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			l := newLand(t, nil, "--transports", way.name)
			soon := func() string { return l.issuer.token("ann", "Ann", 6*time.Second-clockLeeway) }
			program := l.visit(&seat{label: "goes on"}, way.over, soon, access.Where{Scope: contract.ScopeTenant})
			first := program.connected()
			once := soon()
			lost := l.visit(&seat{label: "ends"}, way.over, func() string { return once }, access.Where{Scope: contract.ScopeTenant})
			lost.connected()
			node := startNode(t, l.URL+"/hubs/connected", way.name, soon())
			node.expect(said{State: "connected"})
			node.expectClosed("[expired] ")
			lost.refused(access.CodeExpired)
			lost.refused(access.CodeToken)
			for last := first.Expires; last < first.Expires+8_000; {
				s := program.await("refreshed", func(s client.State) bool { return s.Phase != client.Connected || s.Access.Expires > last })
				if s.Phase != client.Connected {
					t.Fatalf("%+v", s)
				}
				last = s.Access.Expires
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if _, err := client.Call(ctx, program.Client, connected.SendMethod, connected.Send{Name: "Go", Message: "here"}); err != nil {
				t.Error(err)
			}
		})
	}
}
