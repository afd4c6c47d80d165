package ui_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/app/ui"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// some is what a server says to who may choose: everything but the user's, and in
// the tenant only listening.
func some(now contract.Scope) access.Access {
	return access.Access{
		Scope:  now,
		Scopes: []contract.Scope{contract.ScopePage, contract.ScopeSession, contract.ScopePlace, contract.ScopeTenant},
		Speaks: []contract.Scope{contract.ScopePage, contract.ScopeSession, contract.ScopePlace},
	}
}

func enter(context.Context, contract.Scope) error { return nil }

func TestHearers_offersWhatMayBeChosen(t *testing.T) {
	s := show(t, &ui.Hearers{Scope: contract.ScopePage, Access: some(contract.ScopePage), Choose: enter})
	s.has(t,
		`for="hearers"`, ">Heard by</label>", `id="hearers"`, "<select", `value="page"`, "the parts on this page only",
		`value="session"`, "all your tabs on this site",
		`value="tenant"`, "everybody here (you can only listen)", `role="status"`, `id="hearers-problem"`,
	)
	s.hasNot(t, `value="user"`, `value="world"`, `value="place"`, "style=")
	if n := count(s.html(), " selected"); n != 1 {
		t.Errorf("%d scopes are chosen", n)
	}
}

func TestHearers_offersAPlaceThatHasAName(t *testing.T) {
	show(t, &ui.Hearers{Scope: contract.ScopePage, Place: "Room 5", Access: some(contract.ScopePage), Choose: enter}).
		has(t, `value="place"`, "everybody in \u2068Room 5\u2069")
	show(t, &ui.Hearers{Scope: contract.ScopePage, Place: "Room\u2069\u202e\u200b 5", Access: some(contract.ScopePage), Choose: enter}).
		has(t, `value="place"`, "everybody in \u2068Room 5\u2069")
	show(t, &ui.Hearers{Scope: contract.ScopePlace, Place: "\u202e", Access: some(contract.ScopePlace), Choose: enter}).
		has(t, `value="place"`, "everybody in this place")
	show(t, &ui.Hearers{Scope: contract.ScopePlace, Access: some(contract.ScopePlace), Choose: enter}).
		has(t, `value="place"`, "everybody in this place")
}

func TestHearers_saysSoWhereThereIsNoChoice(t *testing.T) {
	one := access.Access{Scope: contract.ScopeUser, Scopes: []contract.Scope{contract.ScopeUser}}
	for name, h := range map[string]*ui.Hearers{
		"one scope":          {Scope: contract.ScopeUser, Access: one, Choose: enter},
		"nothing known":      {Scope: contract.ScopeUser, Choose: enter},
		"nobody who chooses": {Scope: contract.ScopeUser, Access: some(contract.ScopeUser)},
	} {
		s := show(t, h)
		if !strings.Contains(s.html(), "you, wherever you are signed in") || strings.Contains(s.html(), "<select") {
			t.Errorf("%s:\n%s", name, s.html())
		}
	}
}

func TestHearers_speaksEveryLanguage(t *testing.T) {
	for lang, want := range map[ui.Lang]string{
		ui.English: "everybody in \u2068Room 5\u2069", ui.German: "alle in \u2068Room 5\u2069", ui.Arabic: "كل من في \u2068Room 5\u2069",
	} {
		a := some(contract.ScopePlace)
		a.Place = "Ro\u202eom 5"
		s := show(t, &ui.Hearers{Lang: lang, Scope: contract.ScopePlace, Access: a, Choose: enter})
		s.has(t, want)
		s.hasNot(t, "\u202e")
		for _, scope := range contract.AllScopes {
			if words := show(t, &ui.Hearers{Lang: lang, Scope: scope}); len(text(words.html())) < 10 {
				t.Errorf("%s has no words for %s:\n%s", lang, scope, words.html())
			}
		}
	}
}

func TestHearers_entersWhatIsChosenAndSaysSo(t *testing.T) {
	var entered []contract.Scope
	h := &ui.Hearers{Scope: contract.ScopePage, Access: some(contract.ScopePage), Choose: func(_ context.Context, next contract.Scope) error {
		entered = append(entered, next)
		return nil
	}}
	s := show(t, h)
	h.Enter(contract.ScopeSession)
	s.settle()
	if !slices.Equal(entered, []contract.Scope{contract.ScopeSession}) {
		t.Fatalf("entered %v", entered)
	}
	s.hasNot(t, "Now heard by")
}

func TestHearers_readsOutEachChange(t *testing.T) {
	now := contract.ScopePage
	s := on(t, func() app.UI { return &ui.Hearers{Scope: now, Access: some(now), Choose: enter} })
	s.hasNot(t, "Now heard by")
	now = contract.ScopeSession
	s.redraw()
	s.has(t, "Now heard by all your tabs on this site.")
	now = contract.ScopeTenant
	s.redraw()
	s.has(t, "Now heard by everybody here (you can only listen).")
}

func TestHearers_saysWhyItCouldNotBeChosen(t *testing.T) {
	h := &ui.Hearers{Scope: contract.ScopePage, Access: some(contract.ScopePage), Choose: func(context.Context, contract.Scope) error {
		return &access.Refusal{Code: access.CodeScope, Message: "internal words"}
	}}
	s := show(t, h)
	h.Enter(contract.ScopeTenant)
	s.settle()
	s.has(t, "You may not be heard by them. Choose others.", `aria-describedby="hearers-problem"`)
	s.hasNot(t, "internal")
}

// Arrow keys pass every scope on the way to the one that is meant.
func TestHearers_entersTheLastOfSeveralChoices(t *testing.T) {
	begun, goOn := make(chan struct{}, 4), make(chan struct{})
	var entered []contract.Scope
	h := &ui.Hearers{Scope: contract.ScopePage, Access: some(contract.ScopePage), Choose: func(_ context.Context, next contract.Scope) error {
		entered = append(entered, next)
		begun <- struct{}{}
		<-goOn
		return nil
	}}
	s := show(t, h)
	h.Enter(contract.ScopeSession)
	<-begun
	h.Enter(contract.ScopePlace)
	h.Enter(contract.ScopeTenant)
	close(goOn)
	s.settle()
	if want := []contract.Scope{contract.ScopeSession, contract.ScopeTenant}; !slices.Equal(entered, want) {
		t.Errorf("entered %v, want %v", entered, want)
	}
}

func TestHearers_saysWhatIsNotGranted(t *testing.T) {
	show(t, &ui.Hearers{Scope: contract.ScopePage, Asked: contract.ScopeWorld, Access: some(contract.ScopePage), Choose: enter}).
		has(t, "which you may not use: everyone everywhere.")
	show(t, &ui.Hearers{Scope: contract.ScopePage, Asked: contract.ScopePage, Access: some(contract.ScopePage), Choose: enter}).
		hasNot(t, "you may not use")
}

func TestOnlyListens(t *testing.T) {
	for now, want := range map[contract.Scope]bool{"": false, contract.ScopePage: false, contract.ScopeTenant: true} {
		if words := ui.English.OnlyListens(some(now)); (words != "") != want {
			t.Errorf("in %q it says %q", now, words)
		}
	}
	s := show(t, &ui.Composer{Closed: "Only for <listening>", Send: func(context.Context, string) error { return nil }})
	s.has(t, `id="message-closed"`, "Only for &lt;listening&gt;", `aria-describedby="message-closed"`)
}

func TestComposer_closedSendsNothing(t *testing.T) {
	sent := 0
	c := &ui.Composer{Closed: "no", Send: func(context.Context, string) error {
		sent++
		return nil
	}}
	s := show(t, c)
	c.Submit(s.ctx, "hello")
	s.settle()
	if sent != 0 {
		t.Error("it sends what it says it does not")
	}
}
