package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"partline.dev/e2e/chromium"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// Whom everybody may hear, but for guests, who are nobody's user.
var (
	everywhere = contract.ScopesOf(contract.AllScopes[:]...)
	asGuest    = everywhere &^ contract.ScopesOf(contract.ScopeUser)
	byTicket   = contract.ScopesOf(contract.ScopeUser, contract.ScopePlace, contract.ScopeTenant, contract.ScopeWorld)
)

// newSeats are the seats of the matrix, before anybody sits there. A browser opens
// six connections to a server for the pages of a site, so one of them has five parts
// at most that hear over a connection of their own.
func newSeats() []*seat {
	part := func(label, title, tenant, user, author, page, tab, place string) *seat {
		return &seat{label: label, title: title, tenant: tenant, user: user, author: author, page: page, tab: tab, place: place,
			may: everywhere, rest: contract.ScopePage}
	}
	seats := []*seat{
		part("one", "Ann, browser 1, site 1, page /a, part One", "contoso", "ann", "Ann", "1", "1 at 1", "hall"),
		part("two", "the same page, part Two", "contoso", "ann", "Ann", "1", "1 at 1", "hall"),
		part("tab2", "Ann, another tab with page /a", "contoso", "ann", "Ann", "2", "1 at 1", "hall"),
		part("their", "the same page, part of the other tenant, whose Ann is another", "fabrikam", "ann", "Ann F.", "2", "1 at 1", "hall"),
		part("pageB", "Ann, another tab with page /b, another place", "contoso", "ann", "Ann", "3", "1 at 1", "attic"),
		part("brow2", "Ann, browser 2, site 1, page /a", "contoso", "ann", "Ann", "4", "2 at 1", "hall"),
		part("guest", "the same page, a guest", "contoso", "", "Gast (guest)", "4", "2 at 1", "hall"),
		part("bob", "Bob, browser 2, another tab with page /a", "contoso", "bob", "Bob", "5", "2 at 1", "hall"),
		part("site2", "Ann, browser 1, site 2, page /a", "contoso", "ann", "Ann", "6", "1 at 2", "hall"),
		part("site3", "the other tenant's Ann, browser 1, site 3, page /a", "fabrikam", "ann", "Ann F.", "7", "1 at 3", "hall"),
		part("go", "Ann, a Go program with a JWT", "contoso", "ann", "Ann", "a program's", "a program's", "hall"),
		part("npm", "Ann, @microsoft/signalr in Node, with a ticket", "contoso", "ann", "Ann", "", "", "hall"),
		part("jquery", "Bob, jQuery SignalR 2.4.3, with a ticket", "contoso", "bob", "Bob", "", "", "hall"),
	}
	seats[6].may = asGuest
	for _, s := range seats[11:] {
		s.may, s.rest = byTicket, contract.ScopeTenant
	}
	return seats
}

// TestScopes_matrix has everybody speak in every scope, over every transport, and
// looks at who has heard it and who has not. Whoever has heard what it said itself
// behind that has heard all that was said before and that it would ever hear. It
// prints who heard whom.
func TestScopes_matrix(t *testing.T) {
	t.Parallel()
	for _, way := range landWays {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			browsers := [2]*chromium.Browser{chromium.Start(t, nil), chromium.Start(t, nil)}
			n := newNPMSite(t)
			l := newLand(t, []string{n.origin}, "--transports", way.name)
			seats := newSeats()
			l.seat(t, seats, browsers, n, way)

			// The world is closed until the operator names the hub.
			for _, s := range seats {
				s.voice.cannot(contract.ScopeWorld)
			}
			l.write(l.text() + theWorld)
			l.awaitLog("the tenants are others now")
			heard := newHearing(seats)
			for _, scope := range contract.AllScopes {
				heard.round(t, scope)
			}
			heard.print(t, way.name)
			for _, s := range seats {
				if p, ok := s.voice.(*partVoice); ok {
					p.keepsNoSecret()
				}
			}
		})
	}
}

// awaitLog waits until the server has logged the words.
func (l *land) awaitLog(words string) {
	l.t.Helper()
	tick, guard := time.NewTicker(50*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for !strings.Contains(l.Log(), words) {
		select {
		case <-tick.C:
		case <-guard:
			l.t.Fatalf("the log does not say %q", words)
		}
	}
}

// seat has everybody take their seats.
func (l *land) seat(t *testing.T, seats []*seat, browsers [2]*chromium.Browser, n *npmSite, way landWay) {
	t.Helper()
	at := map[string]*seat{}
	for _, s := range seats {
		at[s.label] = s
	}
	ticket := func(s *seat) string { return l.ticket(s.tenant, s.user, s.author) }
	byAPI := func(s *seat) string {
		return l.ticketOfAPI(map[string]any{"user": s.user, "name": s.author, "for": 600})
	}
	open := func(browser, site int, path string, parts ...string) {
		page := browsers[browser].Open(l.hosts[site].view(path, strings.Join(parts, "")))
		for _, s := range seats {
			switch {
			case !strings.Contains(strings.Join(parts, ""), `title="`+s.label+`"`):
			case s.user == "":
				s.sit(t, page, "Gast")
			default:
				s.sit(t, page, "")
			}
		}
	}
	one := func(s *seat, ticket string) string { return l.snippet(s, "one", keyContoso, ticket) }
	two := func(s *seat, ticket string) string { return l.snippet(s, "two", keyContoso, ticket) }
	open(0, 0, "/a", one(at["one"], ticket(at["one"])), two(at["two"], byAPI(at["two"])))
	open(0, 0, "/a", one(at["tab2"], byAPI(at["tab2"])), l.snippet(at["their"], "two", keyFabrikam, ticket(at["their"])))
	open(0, 0, "/b", one(at["pageB"], byAPI(at["pageB"])))
	open(1, 0, "/a", one(at["brow2"], byAPI(at["brow2"])), two(at["guest"], ""))
	open(1, 0, "/a", one(at["bob"], byAPI(at["bob"])))
	open(0, 1, "/a", one(at["site2"], byAPI(at["site2"])))
	open(0, 2, "/a", l.snippet(at["site3"], "one", keyFabrikam, ticket(at["site3"])))

	v := l.visit(at["go"], way.over, func() string { return l.issuer.token("ann", "Ann", time.Hour) },
		access.Where{Scope: contract.ScopePage, Page: "Zm9vYmFyZm9vYmFyZm9vYg", Session: "YmFyZm9vYmFyZm9vYmFyZg", Place: "hall"})
	v.connected()
	at["go"].voice = v

	// Both know only what their tickets say.
	named := func(s *seat, scope contract.Scope) string {
		return l.ticketOfAPI(map[string]any{"user": s.user, "name": s.author, "for": 600, "scope": scope, "scopes": []contract.Scope{scope}, "places": []string{s.place}})
	}
	at["npm"].voice = &npmVoice{t: t, label: "npm", open: func(scope contract.Scope) *node {
		started := startNode(t, l.URL+"/hubs/connected", way.name, named(at["npm"], scope))
		started.expect(said{State: "connected"})
		return started
	}}
	at["jquery"].voice = &classicVoice{t: t, label: "jquery", open: func(scope contract.Scope) *chromium.Page {
		return l.openClassic(browsers[1], n, way, named(at["jquery"], scope))
	}}
}

// keepsNoSecret expects that no ticket is left in the part's address or page.
func (p *partVoice) keepsNoSecret() {
	p.t.Helper()
	left := chromium.Eval[string](p.Frame, `[location.href, document.documentElement.outerHTML, JSON.stringify(history.state)].join("\n")`)
	if what := secretIn(left); what != "" {
		p.t.Errorf("%s still has %s", p.label, what)
	}
}

// hearing is who has heard whom.
type hearing struct {
	seats []*seat
	cells map[[2]string]string // of speaker and listener: the scopes, a letter each
}

func newHearing(seats []*seat) *hearing { return &hearing{seats, map[[2]string]string{}} }

// letters are those of the scopes in the table.
var letters = map[contract.Scope]string{
	contract.ScopePage: "p", contract.ScopeSession: "s", contract.ScopeUser: "u",
	contract.ScopePlace: "l", contract.ScopeTenant: "t", contract.ScopeWorld: "w",
}

// round has everybody come into a scope, or rest where they are if they may not be
// there, speak, and tell what was heard.
func (h *hearing) round(t *testing.T, scope contract.Scope) {
	t.Helper()
	for _, s := range h.seats {
		if !s.may.Has(scope) {
			s.voice.cannot(scope)
		}
		s.voice.enter(s.scope(scope))
	}
	first, last := "to "+string(scope), "and "+string(scope)
	for _, s := range h.seats {
		s.voice.say(first)
	}
	for _, listener := range h.seats {
		listener.voice.say(last)
		count := map[string]int{}
		for _, line := range listener.voice.until(listener.line(last)) {
			count[line]++
		}
		for _, speaker := range h.seats {
			want := 0
			if speaker.room(scope) == listener.room(scope) {
				want = 1
			}
			got := count[speaker.line(first)]
			if got != want {
				t.Errorf("%s: %s has heard %s %d times, not %d", scope, listener.label, speaker.label, got, want)
			}
			if count[speaker.line(last)] > want {
				t.Errorf("%s: %s has heard %s, later", scope, listener.label, speaker.label)
			}
			cell := "."
			switch {
			case !speaker.may.Has(scope) || !listener.may.Has(scope):
				cell = "-"
			case got > 0:
				cell = letters[scope]
			}
			h.cells[[2]string{speaker.label, listener.label}] += cell
		}
	}
}

// print writes the table to the test's output: a row for each speaker, a column for
// each listener.
func (h *hearing) print(t *testing.T, transport string) {
	t.Helper()
	line := func(first string, cell func(*seat) string) {
		for _, s := range h.seats {
			first += fmt.Sprintf(" %-6s", cell(s))
		}
		t.Log("table: " + strings.TrimRight(first, " "))
	}
	t.Logf("table: over %s: in which scopes a speaker (a row) was heard by whom (a column): page, session, user, place (l), tenant, world;", transport)
	t.Log("table: a dot: not heard; a dash: one of them cannot be there; the world while no hub is named for it: refused to all")
	line(fmt.Sprintf("%-6s", ""), func(s *seat) string { return s.label })
	for _, speaker := range h.seats {
		line(fmt.Sprintf("%-6s", speaker.label), func(s *seat) string { return h.cells[[2]string{speaker.label, s.label}] })
	}
	for _, s := range h.seats {
		t.Logf("table: %-6s %s", s.label, s.title)
	}
}
