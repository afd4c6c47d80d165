package ui_test

import (
	"regexp"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/app/ui"
)

// Lists are drawn from data: nobody has an id for each of their controls.
func TestID_isMadeFromTheLabel(t *testing.T) {
	id := func(control app.UI) string {
		found := regexp.MustCompile(`<(?:input|button)[^>]* id="([^"]+)"`).FindStringSubmatch(show(t, control).html())
		if found == nil {
			t.Fatal("the control has no id")
		}
		return found[1]
	}
	milk := id(&ui.Check{Label: `milk "fresh"`})
	if !regexp.MustCompile(`^control-[0-9a-f]+$`).MatchString(milk) {
		t.Errorf("the id of a box is %q", milk)
	}
	show(t, &ui.Check{Label: `milk "fresh"`}).has(t, `for="`+milk+`"`)
	if eggs := id(&ui.Check{Label: "eggs"}); eggs == milk {
		t.Errorf("two boxes have the id %q", eggs)
	}
	if mine := id(&ui.Button{ID: "mine", Label: "eggs"}); mine != "mine" {
		t.Errorf("the id that was given is %q", mine)
	}
}
