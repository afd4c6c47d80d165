package connected_test

import (
	"fmt"
	"html"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/app/part"
	"partline.dev/app/parts"
	"partline.dev/app/parts/connected"
	"partline.dev/app/ui"
	contract "partline.dev/shared/connected"
)

func TestParts_areTheTwoOfTheSample(t *testing.T) {
	if err := part.Check(parts.All()...); err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ name, title, speaksAs string }{
		{"one", "Connected Part - One", "Part One"},
		{"two", "Connected Part - Two", "Part Two"},
	} {
		p := parts.All()[i]
		if p.Name != want.name || p.Title != want.title || p.Properties[0].Default != want.speaksAs {
			t.Errorf("part %d is %+v", i, p)
		}
	}
}

func TestPart_canBeReadBeforeItRuns(t *testing.T) {
	for _, p := range parts.All() {
		page := p.HTML(ui.English)
		for _, want := range []string{p.Title, `role="log"`, `role="status"`, `role="alert"`, `id="message"`, ">Message</label>", ">Send</button>"} {
			if !strings.Contains(page, want) {
				t.Errorf("%s has no %q", p.Name, want)
			}
		}
	}
}

func TestPart_showsWhatItHears(t *testing.T) {
	v := connected.New(&part.Page{})
	engine := app.NewTestEngine()
	if err := engine.Load(v); err != nil {
		t.Fatal(err)
	}
	connected.Hear(v, contract.Broadcast{Name: "Part Two", Message: "Hello World from App Part 2"})
	const payload = `<img src=x onerror=alert(1)>`
	connected.Hear(v, contract.Broadcast{Name: payload, Message: payload})
	page := app.HTMLString(v.Render())
	if !strings.Contains(page, ">Part Two</bdi>") || !strings.Contains(page, ">Hello World from App Part 2</span>") {
		t.Errorf("the line is not there:\n%s", page)
	}
	if strings.Contains(page, payload) || strings.Count(page, html.EscapeString(payload)) != 2 {
		t.Errorf("the text became markup:\n%s", page)
	}
}

func TestPart_isBounded(t *testing.T) {
	v := connected.New(&part.Page{})
	for i := range 3 * ui.MaxLines {
		connected.Hear(v, contract.Broadcast{Name: "n", Message: fmt.Sprint(i)})
	}
	if n := strings.Count(app.HTMLString(v.Render()), "<li>"); n != ui.MaxLines {
		t.Errorf("%d lines are shown", n)
	}
}
