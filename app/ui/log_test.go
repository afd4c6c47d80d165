package ui_test

import (
	"fmt"
	"html"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/app/ui"
	"partline.dev/shared/access"
)

func TestLog_isALiveRegionForTheKeyboardToo(t *testing.T) {
	s := show(t, &ui.Log{})
	for _, want := range []string{`role="log"`, `aria-live="polite"`, `aria-label="Messages"`, `tabindex="0"`, "No messages yet."} {
		s.has(t, want)
	}
}

func TestLog_saysItsLabelAndLanguage(t *testing.T) {
	show(t, &ui.Log{Lang: ui.German, Label: "Verlauf"}).has(t, `aria-label="Verlauf"`, "Noch keine Nachrichten.")
}

func TestLog_drawsALineAsNameAndText(t *testing.T) {
	var lines ui.Lines
	lines.Add(ui.Line{Name: "Part One", Text: "Hello World from App Part 1"})
	s := show(t, &ui.Log{Lines: lines})
	s.hasNot(t, "No messages yet.")

	for _, e := range []struct {
		want app.UI
		path []int
	}{
		{app.Li(), nil},
		{app.Strong(), []int{0}},
		{app.Elem("bdi"), []int{0, 0}},
		{app.Text("Part One"), []int{0, 0, 0}},
		{app.Text(": "), []int{1}},
		{app.Span().Dir("auto"), []int{2}},
		{app.Text("Hello World from App Part 1"), []int{2, 0}},
	} {
		// stage, div, Log, div.log, div.log-lines, ul, line, li
		path := append([]int{0, 0, 0, 0, 0, 0, 0}, e.path...)
		if err := app.Match(e.want, s, path...); err != nil {
			t.Errorf("at %v: %v", e.path, err)
		}
	}
}

func TestLog_keepsTheLastLines(t *testing.T) {
	var lines ui.Lines
	s := on(t, func() app.UI { return &ui.Log{Lines: lines} })
	const more = 2*ui.MaxLines + 17
	for i := range more {
		lines.Add(ui.Line{Name: "n", Text: fmt.Sprintf("line %d.", i)})
		if i%100 == 0 {
			s.redraw()
		}
	}
	s.redraw()
	if n := strings.Count(s.html(), "<li>"); n != ui.MaxLines {
		t.Errorf("%d lines are shown, not %d", n, ui.MaxLines)
	}
	s.has(t, fmt.Sprintf(">line %d.<", more-ui.MaxLines), fmt.Sprintf(">line %d.<", more-1))
	s.hasNot(t, fmt.Sprintf(">line %d.<", more-ui.MaxLines-1))
}

// A screen reader reads out what changes in a log. A line that stays must not
// be touched when another one goes.
func TestLog_doesNotTouchLinesThatStay(t *testing.T) {
	var lines ui.Lines
	for i := range ui.MaxLines {
		lines.Add(ui.Line{Name: "n", Text: fmt.Sprint(i)})
	}
	s := on(t, func() app.UI { return &ui.Log{Lines: lines} })
	at := func(i int) []int { return []int{0, 0, 0, 0, i / ui.MaxLines, i % ui.MaxLines} }
	const stays = ui.MaxLines / 2
	line := func() error { return app.Match(app.Li(), s, append(at(stays), 0)...) }
	if err := line(); err != nil {
		t.Fatal(err)
	}
	for i := range ui.MaxLines / 2 {
		lines.Add(ui.Line{Name: "n", Text: fmt.Sprint(ui.MaxLines + i)})
	}
	s.redraw()
	for place, want := range map[int]app.UI{
		0:         app.Text(""), // gone
		stays - 1: app.Text(""),
	} {
		if err := app.Match(want, s, at(place)...); err != nil {
			t.Errorf("place %d: %v", place, err)
		}
	}
	for _, i := range []int{stays, ui.MaxLines - 1, ui.MaxLines, ui.MaxLines + stays - 1} {
		if err := app.Match(app.Text(fmt.Sprint(i)), s, append(at(i), 0, 2, 0)...); err != nil {
			t.Errorf("line %d is not in its place: %v", i, err)
		}
	}
}

func TestLog_leadsBackToTheNewestLine(t *testing.T) {
	show(t, &ui.Log{}).hasNot(t, "Show newest")
	behind := &ui.Log{}
	behind.Behind()
	show(t, behind).has(t, "Show newest", `type="button"`)
}

func TestLog_textIsNeverMarkup(t *testing.T) {
	for _, payload := range payloads {
		t.Run(payload, func(t *testing.T) {
			var lines ui.Lines
			lines.Add(ui.Line{Name: payload, Text: payload})
			s := show(t, &ui.Log{Lines: lines})
			name, text := html.EscapeString(access.ForeignName(payload)), html.EscapeString(ui.Shown(payload))
			if !strings.Contains(s.html(), name+"</bdi>") || !strings.Contains(s.html(), text+"</span>") {
				t.Errorf("the text is not there as name and as text:\n%s", s.html())
			}
			var plain ui.Lines
			plain.Add(ui.Line{Name: "name", Text: "text"})
			if got, want := shape(s.html()), shape(show(t, &ui.Log{Lines: plain}).html()); got != want {
				t.Errorf("the text changed the page's elements to\n%s\nfrom\n%s", got, want)
			}
		})
	}
}

// shape is the sequence of a page's tags.
func shape(page string) string {
	var tags []string
	for _, piece := range strings.Split(page, "<")[1:] {
		name, _, _ := strings.Cut(piece, ">")
		name, _, _ = strings.Cut(name, " ")
		tags = append(tags, name)
	}
	return strings.Join(tags, " ")
}

// payloads are texts that have run as script somewhere.
var payloads = []string{
	`<script>window.pwned=1</script>`,
	`</li></ul><script>window.pwned=1</script>`,
	`<img src=x onerror=window.pwned=1>`,
	`"><svg onload=window.pwned=1>`,
	`'"--><iframe srcdoc="<script>parent.pwned=1</script>">`,
	`<a href="javascript:window.pwned=1">x</a>`,
	`javascript:window.pwned=1`,
	`<math><mtext><table><mglyph><style><img src=x onerror=window.pwned=1>`,
	`{{constructor.constructor('window.pwned=1')()}}`,
	`${window.pwned=1}`,
	`&lt;script&gt;window.pwned=1&lt;/script&gt;`,
	`<scr` + "\u0000" + `ipt>window.pwned=1</script>`,
	`\"><script>window.pwned=1</script>`,
	"\u202e<script>window.pwned=1</script>",
	`<style>*{background:url(//evil.example)}</style>`,
	`<base href=//evil.example>`,
	`<meta http-equiv=refresh content=0;url=//evil.example>`,
	`<template><script>window.pwned=1</script></template>`,
	`]]><script>window.pwned=1</script>`,
	`<!--><script>window.pwned=1</script>-->`,
}
