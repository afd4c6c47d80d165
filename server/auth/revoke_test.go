package auth_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"partline.dev/server/auth"
	"partline.dev/server/grants"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
)

func TestRevoke_user(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, from(standard()))
		token, p := h.session(ann)
		ticket, jwtToken := h.mint(ann), annsToken(t)
		other, bob := h.session(grants.Ticket{Tenant: "contoso", User: "bob"})
		_, namesake := h.session(grants.Ticket{Tenant: "fabrikam", User: "ann"})
		h.come(p, bob, namesake, hub.Principal{Tenant: "contoso", Name: "ann"})

		wantIn(t, h.Revoke("contoso", "ann", ""))
		if gone := h.gone(); len(gone) != 1 || gone[0].who.ID != "ann" || gone[0].who.Tenant != "contoso" || gone[0].why != access.CodeRevoked {
			t.Errorf("expelled were %+v", gone)
		}
		for what, try := range map[string]func() error{
			"session token":                 func() error { _, err := h.bearer(token); return err },
			"session token of a connection": func() error { _, _, err := h.Authenticate(request(token, ""), atChat); return err },
			"session token to be renewed":   func() error { _, _, err := h.Refresh(t.Context(), p, token); return err },
			"ticket that was not used":      func() error { _, err := h.redeem(ticket, atChat); return err },
			"bearer token":                  func() error { _, err := h.bearer(jwtToken); return err },
			"bearer token of a connection":  func() error { _, _, err := h.Authenticate(request(jwtToken, ""), atChat); return err },
			"bearer token to renew":         func() error { _, _, err := h.Refresh(t.Context(), p, jwtToken); return err },
			"ticket of the same moment":     func() error { _, err := h.redeem(h.mint(ann), atChat); return err },
		} {
			if err := try(); !refusedWith(err, access.CodeRevoked) {
				t.Errorf("%s: %v", what, err)
			}
		}
		_, err := h.bearer(other)
		wantIn(t, err)
		time.Sleep(time.Second)
		_, err = h.bearer(annsToken(t)) // what was issued since is good
		wantIn(t, err)
		_, err = h.redeem(h.mint(ann), atChat)
		wantIn(t, err)
	})
}

func TestHostile_sessionAfterItWasTakenBack(t *testing.T) {
	h := newHouse(t)
	token, p := h.session(ann)
	other, stays := h.session(ann)
	h.come(p, stays)
	wantIn(t, h.Revoke("contoso", "", p.Session))
	if gone := h.gone(); len(gone) != 1 || gone[0].who.Session != p.Session {
		t.Errorf("expelled were %+v", gone)
	}
	_, err := h.bearer(token)
	wantRefused(t, err, access.CodeRevoked, token)
	_, _, err = h.Refresh(t.Context(), p, token)
	wantRefused(t, err, access.CodeRevoked, token)
	_, err = h.bearer(other)
	wantIn(t, err)
}

func TestHostile_renewedSessionAfterItWasTakenBack(t *testing.T) {
	// A renewal that is on its way while the user is taken back gives nothing that
	// outlives that.
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		token, p := h.session(ann)
		time.Sleep(time.Hour)
		_, renewed, err := h.Refresh(t.Context(), p, token)
		wantIn(t, err)
		wantIn(t, h.Revoke("contoso", "ann", ""))
		_, err = h.bearer(renewed)
		wantRefused(t, err, access.CodeRevoked, renewed)
	})
}

func TestRevoke_bearerTokenThatIsNotDated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, from(standard()))
		token := signed(t, jwt.SigningMethodRS256, rsaKey(), "rsa", with(with(annsClaims(), "iat", nil), "exp", time.Now().Add(100*time.Hour).Unix()))
		_, err := h.bearer(token)
		wantIn(t, err)
		wantIn(t, h.Revoke("contoso", "ann", ""))
		time.Sleep(24*time.Hour - time.Millisecond)
		_, err = h.bearer(token)
		wantRefused(t, err, access.CodeRevoked)
		time.Sleep(time.Millisecond)
		_, err = h.bearer(token)
		wantIn(t, err)
	})
}

func TestRevoke_catchesWhoIsOnTheWayIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		_, p := h.session(ann) // has negotiated, and has 15 s to connect
		wantIn(t, h.Revoke("contoso", "ann", ""))
		time.Sleep(15 * time.Second)
		h.come(p)
		time.Sleep(10 * time.Second)
		if gone := h.gone(); len(gone) != 1 {
			t.Errorf("after 25 s %d were expelled", len(gone))
		}
		time.Sleep(time.Minute)
		h.come(p)
		time.Sleep(time.Minute)
		if gone := h.gone(); len(gone) != 0 {
			t.Error("it is looked for ever")
		}
	})
}

func TestRevoke_refusesWhatCannotBe(t *testing.T) {
	h := newHouse(t)
	for _, c := range [][3]string{{"contoso", "", ""}, {"contoso", "ann", "x"}, {"contoso", "a\nb", ""}, {"con\x00toso", "ann", ""}, {"", "", strings.Repeat("a", 256)}} {
		if err := h.Revoke(c[0], c[1], c[2]); err == nil {
			t.Errorf("%q was taken back", c)
		}
	}
}

func TestRevoke_isBoundedInNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		auth.SetMaxRevoked(h.Authority, 3)
		for _, user := range []string{"a", "b", "c", "a"} {
			wantIn(t, h.Revoke("contoso", user, ""))
		}
		if err := h.Revoke("contoso", "d", ""); !errors.Is(err, auth.ErrTooManyRevoked) {
			t.Errorf("one more gives %v", err)
		}
		wantIn(t, h.Revoke("fabrikam", "d", ""))
		time.Sleep(366 * 24 * time.Hour)
		wantIn(t, h.Revoke("contoso", "d", ""))
	})
}

func TestReconsidered_expelsWhoIsBlocked(t *testing.T) {
	h := newHouse(t, from(standard()))
	token, p := h.session(ann)
	_, bob := h.session(grants.Ticket{Tenant: "contoso", User: "bob"})
	_, elsewhere := h.session(grants.Ticket{Tenant: "fabrikam", User: "ann"})
	_, closed := h.session(grants.Ticket{Tenant: "closed", User: "zoe"})
	h.come(p, bob, elsewhere, closed, hub.Principal{Tenant: "contoso", Name: "ann"})
	h.configure(strings.ReplaceAll(threeTenants[:strings.Index(threeTenants, "  closed:")], "[mallory]", "[mallory, ann]"))
	h.Reconsidered()
	gone := h.gone()
	if len(gone) != 2 || !slices.Contains([]string{"ann", "zoe"}, gone[0].who.ID) || gone[0].who.ID == gone[1].who.ID {
		t.Fatalf("expelled were %+v", gone)
	}
	for _, one := range gone {
		if want := map[string]access.Code{"ann": access.CodeRevoked, "zoe": access.CodeTenant}[one.who.ID]; one.why != want || one.who.Tenant == "fabrikam" {
			t.Errorf("%+v was expelled for %s", one.who, one.why)
		}
	}
	_, err := h.bearer(token)
	wantRefused(t, err, access.CodeRevoked)
	_, err = h.redeem(h.mint(ann), atChat)
	wantRefused(t, err, access.CodeRevoked)
	_, err = h.bearer(annsToken(t))
	wantRefused(t, err, access.CodeRevoked)
}

func TestReconsidered_forgetsKeysOfIssuersThatAreGone(t *testing.T) {
	i := standard()
	h := newHouse(t, from(i))
	for _, want := range []int{1, 2} {
		_, err := h.bearer(annsToken(t))
		wantIn(t, err)
		h.Reconsidered()
		_, err = h.bearer(annsToken(t))
		wantIn(t, err)
		if n := i.times(); n != want {
			t.Errorf("the issuer was asked %d times, not %d", n, want)
		}
		h.configureOne()
		h.Reconsidered()
		h.wantBadToken(t, annsToken(t), "no tenant takes")
		h.configure(threeTenants)
	}
}

func TestHostile_blockedUser(t *testing.T) {
	h := newHouse(t, from(standard()))
	ticket := h.mint(grants.Ticket{Tenant: "contoso", User: "mallory"})
	_, err := h.redeem(ticket, atChat)
	wantRefused(t, err, access.CodeRevoked, ticket)
	_, err = h.bearer(signed(t, jwt.SigningMethodRS256, rsaKey(), "rsa", with(annsClaims(), "sub", "mallory")))
	wantRefused(t, err, access.CodeRevoked)
}

func TestFiles_afterARestart(t *testing.T) {
	h := newHouse(t, in(t.TempDir()+"/"))
	token, p := h.session(ann)
	used, unused := h.mint(grants.Ticket{Tenant: "contoso", User: "bob"}), h.mint(grants.Ticket{Tenant: "contoso", User: "bob"})
	_, err := h.redeem(used, atChat)
	wantIn(t, err)
	wantIn(t, h.Revoke("contoso", "", p.Session))
	wantIn(t, h.Revoke("contoso", "carol", ""))
	carol := h.mint(grants.Ticket{Tenant: "contoso", User: "carol"})
	for range 2 { // what was compacted at the first is there at the second
		h.restart()
		_, err = h.redeem(used, atChat)
		wantRefused(t, err, access.CodeTicketSpent, used)
		_, err = h.bearer(token)
		wantRefused(t, err, access.CodeRevoked, token)
		_, _ = h.redeem(carol, atChat)
	}
	_, err = h.redeem(unused, atChat)
	wantIn(t, err)
	for _, name := range []string{"tickets-spent", "revoked"} {
		info, err := os.Stat(h.options.Data + name)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
		content, err := os.ReadFile(h.options.Data + name)
		if err != nil || strings.Contains(string(content), "pt1.") || strings.Contains(string(content), "ps1.") {
			t.Errorf("%s has what could be used: %s, %v", name, content, err)
		}
	}
}

func TestFiles_forgetWhatIsOver(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, in(dir))
		for range 10 {
			_, p := h.session(ann)
			wantIn(t, h.Revoke("contoso", "", p.Session))
		}
		wantIn(t, h.Revoke("contoso", "ann", ""))
		h.wantLines(t, 10, 11)
		time.Sleep(time.Minute)
		h.restart()
		h.wantLines(t, 0, 11)
		time.Sleep(31 * 24 * time.Hour)
		h.restart()
		h.wantLines(t, 0, 1)
		time.Sleep(335 * 24 * time.Hour)
		h.restart()
		h.wantLines(t, 0, 0)
	})
}

// wantLines says how many lines the files have.
func (h *house) wantLines(t *testing.T, spent, revoked int) {
	t.Helper()
	for name, want := range map[string]int{"tickets-spent": spent, "revoked": revoked} {
		content, err := os.ReadFile(h.options.Data + "/" + name)
		if n := strings.Count(string(content), "\n"); err != nil || n != want {
			t.Errorf("%s has %d lines, not %d, %v", name, n, want, err)
		}
	}
}

func TestFiles_areCompactedWhileTheyGrow(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, in(dir))
		most := 0
		for range 50 {
			for range 100 {
				_, err := h.redeem(h.mint(grants.Ticket{Tenant: "contoso", User: "ann", For: time.Second}), atChat)
				wantIn(t, err)
			}
			content, err := os.ReadFile(dir + "/tickets-spent")
			if err != nil {
				t.Fatal(err)
			}
			most = max(most, strings.Count(string(content), "\n"))
			time.Sleep(time.Second)
		}
		if most < 1_000 || most > 3_000 {
			t.Errorf("of 5,000 tickets of a second each %d stood in the file", most)
		}
		if n := auth.SpentOf(h.Authority); n > 1_200 {
			t.Errorf("%d of them are known", n)
		}
	})
}

func TestFiles_damaged(t *testing.T) {
	dir := t.TempDir()
	h := newHouse(t, in(dir))
	tickets := make([]string, 5)
	for i := range tickets {
		tickets[i] = h.mint(grants.Ticket{Tenant: "contoso", User: "bob", For: grants.MaxTicket})
		_, err := h.redeem(tickets[i], atChat)
		wantIn(t, err)
	}
	for _, user := range []string{"a", "b", "c"} {
		wantIn(t, h.Revoke("contoso", user, ""))
	}
	damage := func(name string, f func(lines []string) []string) {
		content, err := os.ReadFile(dir + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(dir+"/"+name, []byte(strings.Join(f(strings.Split(string(content), "\n")), "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	damage("tickets-spent", func(lines []string) []string {
		lines[1] = strings.Replace(lines[1], "contoso", "kontoso", 1)           // changed
		lines[3] = "rubbish\x00" + strings.Repeat("x", 100<<10)                 // longer than any
		return append(lines[:5], "00000000 {}", "", lines[0][:len(lines[0])-7]) // forged, and cut off
	})
	damage("revoked", func(lines []string) []string { return []string{lines[0], "", lines[1] + lines[2], ""} })
	h.restart()
	for i, ticket := range tickets {
		_, err := h.redeem(ticket, atChat)
		if i == 1 || i == 3 {
			wantIn(t, err) // nobody knows of it any more
		} else {
			wantRefused(t, err, access.CodeTicketSpent)
		}
	}
	told := h.log.String()
	if strings.Count(told, "passed over damaged lines") != 2 || !strings.Contains(told, "lines=4 first=2") || !strings.Contains(told, "lines=1 first=3") {
		t.Errorf("the log is told %s", told)
	}
	h.log.Reset()
	h.restart()
	if h.log.Len() != 0 {
		t.Errorf("after it was rewritten the log is told %s", h.log.String())
	}
}

func TestFiles_thatCannotBeWritten(t *testing.T) {
	h := newHouse(t, in(t.TempDir()))
	wantIn(t, auth.BreakFiles(h.Authority))
	ticket := h.mint(ann)
	token, p := h.session(ann)
	for range 2 {
		_, err := h.redeem(h.mint(ann), atChat)
		wantIn(t, err)
	}
	if n := strings.Count(h.log.String(), "cannot be written down"); n != 1 {
		t.Errorf("the log is told %d times: %s", n, h.log.String())
	}
	_, err := h.redeem(ticket, atChat)
	wantIn(t, err)
	_, err = h.redeem(ticket, atChat)
	wantRefused(t, err, access.CodeTicketSpent) // in memory it is
	h.come(p)
	if err := h.Revoke("contoso", "ann", ""); err == nil || !strings.Contains(err.Error(), "until the next start") {
		t.Errorf("Revoke says %v", err)
	}
	_, err = h.bearer(token)
	wantRefused(t, err, access.CodeRevoked)
	if len(h.gone()) != 1 {
		t.Error("nobody was expelled")
	}
	wantIn(t, h.Revoke("contoso", "bob", "")) // the file is made anew
	content, err := os.ReadFile(h.options.Data + "/revoked")
	if err != nil || !strings.Contains(string(content), "ann") {
		t.Errorf("what could not be written is not there later: %s, %v", content, err)
	}
}

func TestNew_saysWhatIsWrongWithTheFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(dir+"/revoked", 0o700); err != nil {
		t.Fatal(err)
	}
	h := newHouse(t)
	h.options.Data = dir
	if _, err := auth.New(h.options); err == nil {
		t.Error("a folder in the place of a file is taken")
	}
	h.options.Data = dir + "/missing"
	if _, err := auth.New(h.options); err == nil {
		t.Error("a folder that is not there is taken")
	}
}
