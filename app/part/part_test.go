package part_test

import (
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
	"go.uber.org/goleak"

	"partline.dev/app/part"
	"partline.dev/app/ui"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// greeting is a small part.
type greeting struct {
	app.Compo

	page *part.Page
}

func (g *greeting) Render() app.UI {
	return app.P().Text(g.page.Property("name") + " in " + string(g.page.Lang))
}

func aPart() part.Part {
	return part.Part{
		Name:       "greeting",
		Title:      "Greeting",
		Properties: []part.Property{{Name: "name", Default: "Nobody", Max: 8}, {Name: "colour"}},
		New:        func(p *part.Page) app.Composer { return &greeting{page: p} },
	}
}

func TestCheck(t *testing.T) {
	change := func(f func(*part.Part)) []part.Part {
		p := aPart()
		f(&p)
		return []part.Part{p}
	}
	for name, e := range map[string]struct {
		parts []part.Part
		want  string // in the error; empty: there is none
	}{
		"none":                {nil, ""},
		"good":                {[]part.Part{aPart()}, ""},
		"twice":               {[]part.Part{aPart(), aPart()}, `"greeting" is there twice`},
		"no name":             {change(func(p *part.Part) { p.Name = "" }), "lower-case letters"},
		"upper case":          {change(func(p *part.Part) { p.Name = "One" }), "lower-case letters"},
		"a path":              {change(func(p *part.Part) { p.Name = "a/b" }), "lower-case letters"},
		"a dot":               {change(func(p *part.Part) { p.Name = ".." }), "lower-case letters"},
		"a hyphen in front":   {change(func(p *part.Part) { p.Name = "-a" }), "lower-case letters"},
		"two hyphens":         {change(func(p *part.Part) { p.Name = "a--b" }), "lower-case letters"},
		"a long name":         {change(func(p *part.Part) { p.Name = strings.Repeat("a", 65) }), "lower-case letters"},
		"no title":            {change(func(p *part.Part) { p.Title = " " }), "has no title"},
		"no New":              {change(func(p *part.Part) { p.New = nil }), "no New"},
		"a bad property":      {change(func(p *part.Part) { p.Properties[0].Name = "Name" }), `property name "Name"`},
		"a property of all":   {change(func(p *part.Part) { p.Properties[0].Name = "theme" }), "belongs to every part"},
		"the ticket of all":   {change(func(p *part.Part) { p.Properties[0].Name = "ticket" }), "belongs to every part"},
		"a property twice":    {change(func(p *part.Part) { p.Properties[1].Name = "name" }), "twice"},
		"a default too long":  {change(func(p *part.Part) { p.Properties[0].Default = "more than eight" }), "longer than its 8 bytes"},
		"the longest default": {change(func(p *part.Part) { p.Properties[1].Default = strings.Repeat("a", 255) }), ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := part.Check(e.parts...)
			switch {
			case e.want == "" && err != nil:
				t.Error(err)
			case e.want != "" && (err == nil || !strings.Contains(err.Error(), e.want)):
				t.Errorf("the error is %v, and should say %q", err, e.want)
			}
		})
	}
}

func TestPart_hasAPath(t *testing.T) {
	if got := aPart().Path(); got != "/parts/greeting" {
		t.Error(got)
	}
}

func TestHTML_isTheWholePart(t *testing.T) {
	html := aPart().HTML(ui.German)
	for _, want := range []string{
		`lang="de"`, `dir="ltr"`, `data-part="greeting"`,
		">Greeting</h1>", `role="status"`, "Wird gestartet…",
		"<noscript>", "JavaScript und WebAssembly",
		"Nobody in de",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("there is no %q in\n%s", want, html)
		}
	}
	if !strings.HasPrefix(html, "<div ") || !strings.HasSuffix(strings.TrimSpace(html), "</div>") {
		t.Errorf("go-app puts the part in the place of the first div, and this is not one:\n%s", html)
	}
}

func TestHTML_turnsWithTheLanguage(t *testing.T) {
	if html := aPart().HTML(ui.Arabic); !strings.Contains(html, `dir="rtl"`) || !strings.Contains(html, "Nobody in ar") {
		t.Error(html)
	}
}

func TestHTML_hasNothingThatThePolicyBlocks(t *testing.T) {
	html := aPart().HTML(ui.English)
	for _, no := range []string{"style=", "<script", "<style", "onclick", "onkeydown", "javascript:"} {
		if strings.Contains(html, no) {
			t.Errorf("there is %q in\n%s", no, html)
		}
	}
}

func TestPage_readsWhatTheAddressSays(t *testing.T) {
	for _, e := range []struct {
		query, property, want string
	}{
		{"", "name", "Nobody"},
		{"name=", "name", "Nobody"},
		{"name=Left", "name", "Left"},
		{"name=_name_", "name", "Nobody"},
		{"NAME=Left", "name", "Left"},
		{"name=123456789", "name", "12345678"},
		{"name=1234567%C3%A4", "name", "1234567"}, // the eighth byte is half a letter
		{"colour=" + strings.Repeat("a", 300), "colour", strings.Repeat("a", 255)},
		{"colour=x", "name", "Nobody"},
	} {
		if got := part.NewPage(aPart(), e.query).Property(e.property); got != e.want {
			t.Errorf("%s of %q is %q, not %q", e.property, e.query, got, e.want)
		}
	}
}

func TestPage_panicsAtAPropertyThatThePartDoesNotHave(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("it did not")
		}
	}()
	part.NewPage(aPart(), "").Property("size")
}

func TestPage_speaksTheLanguageOfTheAddressFirst(t *testing.T) {
	for _, e := range []struct {
		query     string
		languages []string
		want      ui.Lang
	}{
		{"", nil, ui.English},
		{"", []string{"de-DE"}, ui.German},
		{"lang=ar", []string{"de-DE"}, ui.Arabic},
		{"lang=xx", []string{"de-DE"}, ui.German},
	} {
		if got := part.NewPage(aPart(), e.query, e.languages...).Lang; got != e.want {
			t.Errorf("%q and %q speak %s, not %s", e.query, e.languages, got, e.want)
		}
	}
}

func TestMain_refusesPartsThatCannotBe(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("two parts of one name were taken")
		}
	}()
	part.Main(aPart(), aPart())
}
