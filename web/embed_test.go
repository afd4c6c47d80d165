package web_test

import (
	"errors"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"partline.dev/web"
)

func TestReadBuild(t *testing.T) {
	const good = `{"wasm":"app-0123456789abcdef.wasm","length":7,"brotli":3,"level":11}`
	b, err := web.ReadBuild(fstest.MapFS{web.BuildFile: {Data: []byte(good)}})
	if err != nil || b != (web.Build{Wasm: "app-0123456789abcdef.wasm", Length: 7, Brotli: 3, Level: 11}) {
		t.Errorf("%+v, %v", b, err)
	}
	if _, err := web.ReadBuild(fstest.MapFS{}); !errors.Is(err, web.ErrNotBuilt) {
		t.Errorf("an empty folder gives %v", err)
	}
	for _, bad := range []string{
		"", "x", "{}", `{"wasm":"app.wasm","length":7}`, `{"wasm":"../app-0123456789abcdef.wasm","length":7}`,
		`{"wasm":"app-0123456789abcdef.wasm/..","length":7}`, `{"wasm":"app-0123456789abcdef.wasm"}`, `{"wasm":"app-0123456789abcdef.wasm","length":-1}`,
	} {
		if b, err := web.ReadBuild(fstest.MapFS{web.BuildFile: {Data: []byte(bad)}}); err == nil || errors.Is(err, web.ErrNotBuilt) {
			t.Errorf("%s gives %+v, %v", bad, b, err)
		}
	}
}

// A fresh clone builds before its program does.
func TestDist_isThereWithoutAProgram(t *testing.T) {
	if _, err := fs.Stat(web.Dist(), "README.txt"); err != nil {
		t.Error(err)
	}
}

func TestStyle_isOneSheetInItsOrder(t *testing.T) {
	sheet := string(web.Style())
	at := -1
	for _, piece := range []string{"--canvas:", "box-sizing:", ".part {", ".page {", "prefers-reduced-motion"} {
		i := strings.Index(sheet, piece)
		if i <= at {
			t.Errorf("%q is at %d, after something that is at %d", piece, i, at)
		}
		at = i
	}
}

// Nothing that a page needs comes from anywhere else, and a page in a
// right-to-left language is not a page of its own.
func TestStyle_hasNoAddressesAndNoSides(t *testing.T) {
	comments := regexp.MustCompile(`(?s)/\*.*?\*/`)
	sheet := comments.ReplaceAllString(string(web.Style()), "")
	for _, no := range []string{`url\(`, `@import`, `\b(margin|padding|border)-(left|right)\b`, `(^|[\s;{])(left|right):`} {
		if found := regexp.MustCompile(no).FindString(sheet); found != "" {
			t.Errorf("the sheet has %q", found)
		}
	}
}

// Every colour is a token, or a theme would miss it.
func TestStyle_hasItsColoursInTokens(t *testing.T) {
	colour := regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b|rgb\(`)
	for line := range strings.Lines(string(web.Style())) {
		if colour.MatchString(line) && !strings.HasPrefix(strings.TrimSpace(line), "--") && !strings.Contains(line, "light-dark(rgb") {
			t.Errorf("a colour outside of the tokens: %s", line)
		}
	}
}

func TestScripts_haveNoWayToMakeMarkup(t *testing.T) {
	markup := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\.style\b`)
	for _, folder := range []fs.FS{web.Static(), web.Host()} {
		scripts, err := fs.Glob(folder, "*.js")
		if err != nil || len(scripts) < 5 {
			t.Fatal(scripts, err)
		}
		for _, name := range scripts {
			script, err := fs.ReadFile(folder, name)
			if err != nil {
				t.Fatal(err)
			}
			if found := markup.Find(script); found != nil {
				t.Errorf("%s has %s", name, found)
			}
		}
	}
}
