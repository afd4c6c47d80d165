package declared_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"unicode"

	"partline.dev/server/declared"
	"partline.dev/server/yamlfile"
	"partline.dev/shared/contract"
)

// FuzzParse holds that any file is either hubs that can be served, or mistakes in
// lines that there are, each a line of text.
func FuzzParse(f *testing.F) {
	for _, text := range mistaken {
		f.Add([]byte(text))
	}
	for _, text := range documented(f) {
		f.Add([]byte(text))
	}
	f.Add([]byte("hubs: {a: {methods: {M: {arguments: [a: any, b?: integer], publish: e, to: {user: $a}, with: [$$, ~, 1e3]}}}}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		hubs, err := declared.Parse(text, &beside)
		if err == nil {
			for _, h := range hubs {
				if err := h.Mux.Check(); err != nil {
					t.Error(err)
				}
				_ = contract.Dump(h.Mux.API())
				if h.Shared && len(h.Mux.API().Members()) == 0 {
					t.Errorf("%s says and hears nothing", h.Mux.Name())
				}
			}
			return
		}
		wrong := yamlfile.Mistakes(nil)
		if !errors.As(err, &wrong) || len(wrong) == 0 || hubs != nil {
			t.Fatalf("%v, %v", hubs, err)
		}
		last, lines := 1, bytes.Count(text, []byte("\n"))+1
		for _, m := range wrong {
			if m.Line < last || m.Line > lines {
				t.Errorf("line %d of %d, after line %d", m.Line, lines, last)
			}
			last = m.Line
			if m.Text == "" || strings.ContainsFunc(m.Text, func(c rune) bool { return !unicode.IsPrint(c) }) {
				t.Errorf("line %d: %q", m.Line, m.Text)
			}
		}
	})
}

// documented are the files that docs/declared-hubs.md shows.
func documented(t testing.TB) []string {
	t.Helper()
	page, err := os.ReadFile("../../docs/declared-hubs.md")
	if err != nil {
		t.Fatal(err)
	}
	return blocks(t, string(page))
}

// blocks are the files that a page shows.
func blocks(t testing.TB, page string) []string {
	t.Helper()
	var files []string
	for _, rest := range strings.Split(page, "\n```yaml\n")[1:] {
		file, _, closed := strings.Cut(rest, "\n```\n")
		if !closed {
			t.Fatal("a block of YAML has no end")
		}
		files = append(files, file+"\n")
	}
	return files
}
