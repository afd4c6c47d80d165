package devloop_test

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"partline.dev/internal/devloop"
)

// tree writes files into a new folder and returns it.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	b := bench{dir: root}
	for name, text := range files {
		b.write(t, name, text)
	}
	return root
}

func TestLook_watchesWhatABuildIsMadeOf(t *testing.T) {
	root := tree(t, map[string]string{
		"app/a.go": "", "web/part.css": "", "web/go.mod": "",
		"app/a_test.go": "", "app/notes.md": "", "web/dist/app.js": "", "app/testdata/x.go": "", "app/.hidden/x.go": "",
		"server/s.go": "",
	})
	s, err := devloop.Look(root, "app", "web", "gone")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"app/a.go", "web/part.css", "web/go.mod"} {
		if _, ok := s[path]; !ok {
			t.Errorf("%s is not watched", path)
		}
		delete(s, path)
	}
	for path := range s {
		t.Errorf("%s is watched", path)
	}
}

func TestSnapshot_difference(t *testing.T) {
	root := tree(t, map[string]string{"a.go": "", "b.go": "", "c.go": ""})
	before, err := devloop.Look(root, ".")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(root, "b.go")); err != nil {
		t.Fatal(err)
	}
	(&bench{dir: root}).write(t, "c.go", "package c")
	now, err := devloop.Look(root, ".")
	if err != nil {
		t.Fatal(err)
	}
	if maps.Equal(before, now) {
		t.Error("two snapshots are equal and the files are not")
	}
	if got, want := now.Difference(before), "b.go (removed), c.go"; got != want {
		t.Errorf("the difference reads %q, want %q", got, want)
	}
}

func TestHash_isOfNamesAndContents(t *testing.T) {
	hash := func(files map[string]string) string {
		h, err := devloop.Hash(tree(t, files), "app")
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	one := hash(map[string]string{"app/a.go": "x", "app/b.go": "y"})
	if again := hash(map[string]string{"app/a.go": "x", "app/b.go": "y", "app/b_test.go": "z"}); again != one {
		t.Error("the same source has another hash")
	}
	for name, files := range map[string]map[string]string{
		"content":  {"app/a.go": "x", "app/b.go": "z"},
		"name":     {"app/a.go": "x", "app/c.go": "y"},
		"boundary": {"app/a.go": "xy", "app/b.go": ""},
	} {
		if hash(files) == one {
			t.Errorf("another %s has the same hash", name)
		}
	}
}
