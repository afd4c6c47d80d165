package e2e_test

import (
	"slices"
	"strings"
	"testing"
)

// Scripts of documents: cut out of them as they are, and completed where the
// document has lost lines.

// between is the text from the line that begins with first, spaces aside, to the
// one before the line that begins with end.
func between(t *testing.T, text, first, end string) string {
	t.Helper()
	lines := strings.SplitAfter(text, "\n")
	begins := func(with string) func(string) bool {
		return func(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), with) }
	}
	from := slices.IndexFunc(lines, begins(first))
	if from < 0 {
		t.Fatalf("the document has no line that begins with %q", first)
	}
	to := slices.IndexFunc(lines[from:], begins(end))
	if to < 0 {
		t.Fatalf("the document has no line that begins with %q after the one with %q", end, first)
	}
	return strings.Join(lines[from:from+to], "")
}

// completion is what was cut off after a line, of which it has the whole text,
// spaces aside. Empty: before the first line.
type completion struct {
	after string
	lines []string
}

// complete puts back what was cut off, and shows it.
func complete(t *testing.T, cut string, completions ...completion) (whole string) {
	t.Helper()
	add := func(after string) (lines []string) {
		for i, c := range completions {
			if c.after == after && c.lines != nil {
				completions[i].lines = nil // each once
				return c.lines
			}
		}
		return nil
	}
	all := add("")
	for line := range strings.Lines(cut) {
		line = strings.TrimRight(line, "\r\n")
		all = append(all, line)
		if what := strings.TrimSpace(line); what != "" {
			all = append(all, add(what)...)
		}
	}
	for _, c := range completions {
		if c.lines != nil {
			t.Errorf("the document has no line %q to complete", c.after)
		}
	}
	whole = strings.Join(all, "\n") + "\n"
	showAdditions(t, cut, whole)
	return whole
}

// showAdditions fails unless every line of cut stands in whole, unchanged and in
// its order, and prints the lines that are only in whole.
func showAdditions(t *testing.T, cut, whole string) {
	t.Helper()
	old := slices.Collect(strings.Lines(strings.ReplaceAll(cut, "\r\n", "\n")))
	var before string
	for line := range strings.Lines(whole) {
		if len(old) > 0 && line == old[0] {
			old, before = old[1:], line
			continue
		}
		if before != "" {
			t.Logf("completed:   %s", strings.TrimRight(before, "\n"))
			before = ""
		}
		t.Logf("completed: + %s", strings.TrimRight(line, "\n"))
	}
	if len(old) > 0 {
		t.Errorf("of the document's lines this is missing or changed: %q", old[0])
	}
}

func TestOriginal_completionsOnlyAdd(t *testing.T) {
	cut := "f(function () {\n" + strings.Repeat("\tg()\n", 2)
	whole := complete(t, cut, completion{"", []string{"'use strict'"}}, completion{"g()", []string{"\th()"}}, completion{"g()", []string{"})"}})
	if want := "'use strict'\nf(function () {\n\tg()\n\th()\n\tg()\n})\n"; whole != want {
		t.Errorf("completed it is %q, want %q", whole, want)
	}
	if got := between(t, "a\n  b1\nc\nb2\nd\n", "b", "d"); got != "  b1\nc\nb2\n" {
		t.Errorf("between them is %q", got)
	}
}
