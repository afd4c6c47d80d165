package arch_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// exampleFiles are the Go files of the examples, by path from the top of the
// workspace. Only those that keep asks for.
func exampleFiles(t *testing.T, keep func(path string) bool) map[string]string {
	t.Helper()
	files := map[string]string{}
	top := filepath.Join(root, "examples")
	err := filepath.WalkDir(top, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil || !keep(filepath.ToSlash(name)) {
			return err
		}
		content, err := os.ReadFile(path)
		files[filepath.ToSlash(name)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("no example was found")
	}
	return files
}

// The examples judge the library: when they grow, it has got worse.
func TestExamples_areShort(t *testing.T) {
	list := exampleFiles(t, func(path string) bool {
		return strings.HasPrefix(path, "examples/list/") && !strings.HasSuffix(path, "_test.go")
	})
	code := 0
	for _, content := range list {
		for line := range strings.Lines(content) {
			if line := strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
				code++
			}
		}
	}
	if code >= 100 {
		t.Errorf("contract, hub, part and both mains of examples/list have %d lines of code, not under 100", code)
	}

	const own = "examples/ownserver/main.go"
	main := exampleFiles(t, func(path string) bool { return path == own })
	if n := strings.Count(main[own], "\n"); n >= 40 {
		t.Errorf("%s has %d lines, not under 40", own, n)
	}
}

func TestExamples_noHubInTheBrowser(t *testing.T) {
	packages, err := list([]string{"GOOS=js", "GOARCH=wasm"}, []string{"examples/list/wasm"})
	if err != nil {
		t.Fatal(err)
	}
	if len(packages) != 1 || !slices.Contains(packages[0].Deps, "partline.dev/examples/list") {
		t.Fatalf("the program in the browser is %v", packages)
	}
	for _, dep := range packages[0].Deps {
		if matches(dep, "partline.dev/server/...") {
			t.Errorf("the program in the browser has %s in it", dep)
		}
	}
}

// What the README and the pages beside it show is what is compiled and tested,
// letter by letter.
func TestReadme_showsGoOfTheExamples(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil || len(pages) == 0 {
		t.Fatal("there are no pages in docs", err)
	}
	files := exampleFiles(t, func(string) bool { return true })
	shown := map[string]bool{}
	for _, page := range append(pages, filepath.Join(root, "README.md")) {
		showsGo(t, page, files, shown)
	}
	for path := range exampleFiles(t, func(path string) bool {
		return !strings.HasSuffix(path, "_test.go") && path != "examples/ownserver/login.go"
	}) {
		if !shown[path] {
			t.Errorf("neither README.md nor docs shows anything of %s", path)
		}
	}
}

// showsGo looks for every Go block of a page in the files, and notes those that
// have one.
func showsGo(t *testing.T, page string, files map[string]string, shown map[string]bool) {
	t.Helper()
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Base(page)
	for i, rest := range strings.Split(string(content), "\n```go\n")[1:] {
		block, _, closed := strings.Cut(rest, "\n```\n")
		if !closed {
			t.Fatalf("Go block %d of %s has no end", i+1, name)
		}
		found := ""
		for path, source := range files {
			if strings.Contains("\n"+source, "\n"+block+"\n") {
				found = path
			}
		}
		if found == "" {
			t.Errorf("Go block %d of %s is in no file of examples; it begins with:\n%s", i+1, name, strings.Join(strings.SplitN(block, "\n", 4)[:min(3, strings.Count(block, "\n")+1)], "\n"))
		}
		shown[found] = true
	}
}
