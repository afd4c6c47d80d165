package ui_test

import (
	"regexp"
	"strings"
	"testing"

	"partline.dev/app/ui"
	"partline.dev/shared/access"
)

// said is a log with one line.
func said(t *testing.T, line ui.Line) *stage {
	t.Helper()
	var lines ui.Lines
	lines.Add(line)
	return show(t, &ui.Log{Lines: lines})
}

// text is what a page says, without its tags and the white space between them.
func text(page string) string {
	var b strings.Builder
	for piece := range strings.SplitSeq(page, "<") {
		_, words, _ := strings.Cut(piece, ">")
		if words = strings.Trim(words, "\n"); strings.TrimSpace(words) != "" {
			b.WriteString(strings.TrimSpace(words) + "|")
		}
	}
	return b.String()
}

func TestLog_showsWhoTheServerKnowsApartFromLabels(t *testing.T) {
	ann := access.Person{ID: "ann@contoso", Name: "Ann"}
	guest := access.Person{Name: "Ann", Guest: true}
	const face, badge = `class="face"`, `class="guest"`
	for name, e := range map[string]struct {
		line      ui.Line
		want      string
		has, lack []string
	}{
		"a user": {
			ui.Line{From: ann, Name: "Ann · Part One", Text: "hello"}, "Ann|·|Part One|:|hello|",
			[]string{face, `title="ann@contoso"`, `data-letter="A"`, `aria-label="signed in"`}, []string{badge},
		},
		"a user without a name":                {ui.Line{From: access.Person{ID: "ann"}, Name: "ann · Part One", Text: "hello"}, "ann|·|Part One|:|hello|", []string{face}, nil},
		"a user whose id has what nobody sees": {ui.Line{From: access.Person{ID: "an\u200bn"}, Name: "ann · Part One", Text: "hello"}, "ann|·|Part One|:|hello|", []string{face}, nil},
		"a user without a label":               {ui.Line{From: ann, Name: "Ann", Text: "hello"}, "Ann|:|hello|", []string{face}, []string{badge, "·"}},
		"a guest with a nickname":              {ui.Line{From: guest, Name: "Ann (guest) · Part One", Text: "hello"}, "Ann|(guest)|·|Part One|:|hello|", []string{badge}, []string{face, "title="}},
		"nobody with a label":                  {ui.Line{Name: "Part One", Text: "hello"}, "Part One|:|hello|", nil, []string{face, badge}},
		"nobody who imitates":                  {ui.Line{Name: "Ann · Part One", Text: "hello"}, "Ann · Part One|:|hello|", nil, []string{face, badge}},
		"a guest who imitates":                 {ui.Line{From: access.Person{Name: "Ann · Part One", Guest: true}, Name: "Ann · Part One (guest)", Text: "hello"}, "Ann · Part One|(guest)|:|hello|", []string{badge}, []string{face}},
		"a hub with its own names":             {ui.Line{From: ann, Name: "Reception", Text: "hello"}, "Ann|·|Reception|:|hello|", []string{face}, nil},
		"a longer name than the author's": {
			ui.Line{From: ann, Name: "Annette", Text: "hello"}, "Ann|·|Annette|:|hello|", nil, nil,
		},
	} {
		s := said(t, e.line)
		if got := text(s.html()); got != e.want {
			t.Errorf("%s: the line is %s, want %s", name, got, e.want)
		}
		s.has(t, e.has...)
		s.hasNot(t, e.lack...)
	}
}

// No name and no text may be read as another, or turn what stands beside it.
func TestLog_showsNothingThatHides(t *testing.T) {
	for _, hidden := range []string{"\u202e", "\u202d", "\u2066", "\u200b", "\u200f", "\ufeff", "\u00ad", "\u061c", "\U000e0041", "\x00", "\x1b"} {
		trick := "A" + hidden + "nn"
		for _, line := range []ui.Line{
			{Name: trick, Text: "hello"},
			{Name: trick + " (guest) · " + trick, From: access.Person{Name: trick, Guest: true}, Text: "hello"},
			{Name: trick, From: access.Person{ID: "ann", Name: trick}, Text: "hello"},
		} {
			page := said(t, line).html()
			if strings.Contains(page, hidden) || !strings.Contains(page, ">Ann</bdi>") {
				t.Errorf("a name with %q is shown in\n%s", hidden, page)
			}
		}
	}
	s := said(t, ui.Line{Name: "n", Text: "exe.\u202egnp and family \U0001f469\u200d\U0001f467, \u0645\u06cc\u200c\u0634\u0648\u062f"})
	s.has(t, "exe.\ufffdgnp", "\U0001f469\u200d\U0001f467", "\u06cc\u200c\u0634")
}

func TestFace_isAPictureOrALetter(t *testing.T) {
	s := show(t, ui.Face("émile", "https://pictures.contoso.com/emile.png"))
	s.has(t, `src="https://pictures.contoso.com/emile.png"`, `referrerpolicy="no-referrer"`, `width="20"`, `height="20"`, `data-letter="É"`)
	s.hasNot(t, "style=")
	come := ui.Face("émile", "https://pictures.contoso.com/emile.png")
	ui.FaceLoads(come)
	hidden := regexp.MustCompile(` hidden[ >]`)
	if before, after := s.html(), show(t, come).html(); !hidden.MatchString(before) || hidden.MatchString(after) {
		t.Errorf("before the picture has come:\n%s\nand after:\n%s", before, after)
	}
	for _, icon := range []string{"", "http://pictures.contoso.com/ann.png", "javascript:alert(1)", "data:image/png;base64,AA", "//pictures.contoso.com/x", "HTTPS://x"} {
		show(t, ui.Face("Ann", icon)).hasNot(t, "<img")
	}
}
