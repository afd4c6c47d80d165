package hub_test

import (
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
		{hub.Principal{Name: "Ann"}, "Bob · Part One", "Ann (guest) · Bob - Part One"},
	} {
		label = row.label
		if _, err := hubtest.Call(t.Context(), h.Connect(row.p), runMethod, contract.None{}); err != nil || got != row.want {
			t.Errorf("%+v says %q: %q, want %q", row.p, row.label, got, row.want)
		}
	}
}
