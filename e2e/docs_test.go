package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The pages beside the README name flags that there are, and link to files that
// there are.
func TestDocs_nameWhatThereIs(t *testing.T) {
	t.Parallel()
	var help []byte
	for _, command := range [][]string{
		{binary, "serve"},
		{binary, "ticket"},
		{binary, "api-key"},
		{"go", "run", "partline.dev/server/edge/cmd/edge", "build"},
		{"go", "run", "partline.dev/server/edge/cmd/edge", "serve"},
	} {
		told, err := exec.Command(command[0], append(command[1:], "--help")...).Output()
		if err != nil {
			t.Fatalf("%q: %v", command, err)
		}
		help = append(help, told...)
	}
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil || len(pages) < 2 {
		t.Fatalf("there are %d pages, %v", len(pages), err)
	}
	flag, link := regexp.MustCompile("`(--[a-z-]+)"), regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)
	code := regexp.MustCompile("(?ms)^```.*?^```$")
	flags, links := 0, 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		words := code.ReplaceAllString(string(text), "")
		for _, named := range flag.FindAllStringSubmatch(words, -1) {
			flags++
			if !regexp.MustCompile(named[1] + `[\s=]`).Match(help) {
				t.Errorf("%s names the flag %s, which no command shows", page, named[1])
			}
		}
		for _, to := range link.FindAllStringSubmatch(words, -1) {
			if strings.HasPrefix(to[1], "https://") {
				continue
			}
			links++
			if _, err := os.Stat(filepath.Join("../docs", to[1])); err != nil {
				t.Errorf("%s links to %s: %v", page, to[1], err)
			}
		}
	}
	if flags < 10 || links < 5 {
		t.Errorf("only %d flags and %d links were looked at", flags, links)
	}
}
