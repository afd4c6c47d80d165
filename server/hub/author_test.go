package hub_test

import (
	"strings"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/contract"
)

func TestAuthor(t *testing.T) {
	label, got := "", ""
	h := hubtest.New(t, talk(func(x *hub.Context) error { got = x.Author(label); return nil }))
	for _, row := range []struct {
		p           hub.Principal
		label, want string
	}{
		{hub.Principal{}, "Part One", "Part One"},
		{hub.Principal{}, "", ""},
		{hub.Principal{}, "Ann · Part One", "Ann - Part One"},
		{hub.Principal{}, " ·  ·  · ", " -  -  - "},
		{hub.Principal{}, " · · ", " - - "},
		{hub.Principal{}, "Gal·la", "Gal·la"},
		{hub.Principal{ID: "ann", Name: "Ann"}, "Part One", "Ann · Part One"},
		{hub.Principal{ID: "ann", Name: "Ann"}, "", "Ann"},
		{hub.Principal{ID: "ann"}, "Part One", "ann · Part One"},
		{hub.Principal{Name: "Ann"}, "Part One", "Ann (guest) · Part One"},
		{hub.Principal{Name: "Ann"}, "", "Ann (guest)"},
		{hub.Principal{Name: "Ann"}, "Ann", "Ann (guest)"},
		{hub.Principal{ID: "ann", Name: "Ann"}, "Ann", "Ann"},
		{hub.Principal{ID: "ann", Name: "Ann"}, "ann", "Ann · ann"},
		{hub.Principal{ID: "ann"}, "ann", "ann"},
		{hub.Principal{ID: "ann\u202e\u200b"}, "Part One", "ann · Part One"},
		{hub.Principal{ID: "1", Name: "\u2067Ann\n"}, "Part One", "Ann · Part One"},
		{hub.Principal{Name: "Ann"}, "Bob · Part One", "Ann (guest) · Bob - Part One"},
	} {
		label = row.label
		if _, err := hubtest.Call(t.Context(), h.Connect(row.p), runMethod, contract.None{}); err != nil || got != row.want {
			t.Errorf("%+v says %q: %q, want %q", row.p, row.label, got, row.want)
		}
	}
}

// TestHostile_labelsThatLookLikeSomebody has nobody say labels that would be read as
// what a user's is.
func TestHostile_labelsThatLookLikeSomebody(t *testing.T) {
	label, got := "", ""
	h := hubtest.New(t, talk(func(x *hub.Context) error { got = x.Author(label); return nil }))
	nobody, guest := h.Connect(hub.Principal{}), h.Connect(hub.Principal{Name: "Eve"})
	says := func(c *hubtest.Client, text string) string {
		label = text
		if _, err := hubtest.Call(t.Context(), c, runMethod, contract.None{}); err != nil {
			t.Fatal(err)
		}
		return got
	}
	spaces := []string{" ", "\u00a0", "\u2009", "\u3000", "  ", "\t", " \u200b", "\u200b ", "\u2060 \u200b", "\ufeff", "\u3164", "\uffa0", "\u2800", "\u034f", "\u202e"}
	for _, dot := range []string{"\u00b7", "\u0387", "\u2022", "\u2027", "\u2219", "\u22c5", "\u30fb", "\uff65", "\u2e31", "\ua78f", "\u318d", "\u1427"} {
		for _, before := range spaces {
			for _, after := range spaces {
				text := "Ann" + before + dot + after + "Part One"
				want := "Ann" + before + "-" + after + "Part One"
				if is := says(nobody, text); is != want {
					t.Errorf("nobody says %+q and is %+q", text, is)
				}
				if is := says(guest, text); is != "Eve (guest) · "+want {
					t.Errorf("a guest says %+q and is %+q", text, is)
				}
			}
			if is := says(nobody, "Ann"+before+dot+"Part One"); strings.Contains(is, dot) {
				t.Errorf("with one space it is %+q", is)
			}
		}
		for _, same := range []string{"Gal" + dot + "la", "7" + dot + "8"} {
			if is := says(nobody, same); is != same {
				t.Errorf("%+q became %+q", same, is)
			}
		}
	}
	for _, row := range []struct{ name, label, want string }{
		{"Ann · Part One", "", "Ann · Part One (guest)"},
		{"Ann · Part One", "Part One", "Ann · Part One (guest) · Part One"},
		{"Ann (guest) · Part One", "Part One", "Ann (guest) · Part One (guest) · Part One"},
		{"Ann", "(guest) · Part One", "Ann (guest) · (guest) - Part One"},
		{"Ann", "x (guest) · Bob", "Ann (guest) · x (guest) - Bob"},
	} {
		if is := says(h.Connect(hub.Principal{Name: row.name}), row.label); is != row.want {
			t.Errorf("the guest %q says %q and is %q", row.name, row.label, is)
		}
	}
}
