package ui_test

import (
	"context"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/app/ui"
	"partline.dev/shared/access"
)

func TestNickname_isOfferedToGuests(t *testing.T) {
	named := ""
	set := func(_ context.Context, name string) error {
		named = name
		return nil
	}
	n := &ui.Nickname{Set: set}
	s := show(t, n)
	s.has(t, ">Say your name</button>", `role="status"`, `role="alert"`)
	s.hasNot(t, "<input")
	n.Open()
	s.redraw()
	s.has(t, `for="nickname"`, ">Your name</label>", `id="nickname"`, ">Use this name</button>", ">Cancel</button>", `autocomplete="nickname"`)
	s.hasNot(t, "Say your name", "aria-required", "autofocus")
	n.Use("  Ann ")
	s.settle()
	if named != "Ann" {
		t.Errorf("the name is %q", named)
	}
	s.has(t, "You are now called \u2068Ann\u2069.")
	s.hasNot(t, "<input")

	n.Open()
	n.Use("")
	s.settle()
	if named != "" {
		t.Errorf("the name that was taken back is %q", named)
	}
	s.has(t, "You have no name now.")
}

func TestNickname_takesNoNameThatCannotBeOne(t *testing.T) {
	n := &ui.Nickname{Set: func(context.Context, string) error {
		t.Error("it was given to the server")
		return nil
	}}
	s := show(t, n)
	n.Open()
	for _, name := range []string{strings.Repeat("n", 256), "A\u200bnn", "A\u202enn", "A\nnn"} {
		n.Use(name)
		s.redraw()
		s.has(t, "It must not be too long", "aria-invalid", `aria-describedby="nickname-problem"`, "<input")
	}
}

func TestNickname_saysWhyTheServerDoesNotTakeIt(t *testing.T) {
	n := &ui.Nickname{Set: func(context.Context, string) error {
		return &access.Refusal{Code: access.CodeRate, Message: "x"}
	}}
	s := show(t, n)
	n.Open()
	n.Use("Ann")
	s.settle()
	s.has(t, "You are sending too fast. Wait a moment.", "<input")
}

func TestNickname_saysWhoOneIs(t *testing.T) {
	set := func(context.Context, string) error { return nil }
	guest := show(t, &ui.Nickname{You: access.Person{Name: "Ann", Guest: true}, Set: set})
	guest.has(t, "You are", ">Ann</bdi>", "(guest)", ">Change name</button>")
	user := show(t, &ui.Nickname{You: access.Person{ID: "ann@contoso", Name: "Ann"}, Set: set})
	user.has(t, ">Ann</bdi>", `title="ann@contoso"`, `class="face"`)
	user.hasNot(t, "(guest)", "<button")
	user.hasNot(t, "<input")
}

// What stands behind the form keeps its place when it opens.
func TestNickname_keepsThePlaceOfItsRegions(t *testing.T) {
	n := &ui.Nickname{Set: func(context.Context, string) error { return nil }}
	s := show(t, n)
	region := func() error {
		return app.Match(app.P().Class("spoken").Role("status"), s, 0, 0, 0, 2)
	}
	if err := region(); err != nil {
		t.Fatal(err)
	}
	n.Open()
	s.redraw()
	if err := region(); err != nil {
		t.Error(err)
	}
}
