package devloop_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"partline.dev/internal/devloop"
)

// builder builds by shell: the browser's half is a copy of its source, and the
// server is a copy of that.
func builder(t *testing.T, source string) (*devloop.Builder, *bytes.Buffer) {
	t.Helper()
	root := tree(t, map[string]string{"app/a.go": source, "web/dist/README.txt": ""})
	out := &bytes.Buffer{}
	return &devloop.Builder{
		Root: root, Out: out,
		Browser: []string{"sh", "-c", "grep -q broken app/a.go && { echo a.go: broken; exit 1; }; cp app/a.go web/dist/app.wasm"},
		Sources: []string{"app"},
		Dist:    filepath.Join("web", "dist"),
		Server:  []string{"cp", "web/dist/app.wasm", "server"},
		Stamp:   filepath.Join(root, "stamp"),
	}, out
}

func build(t *testing.T, b *devloop.Builder, want string) {
	t.Helper()
	if err := b.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(b.Root, "server"))
	if err != nil || string(got) != want {
		t.Errorf("the server is made of %q, %v; want %q", got, err, want)
	}
}

func TestBuilder_buildsThePartsOnlyWhenTheyChanged(t *testing.T) {
	b, out := builder(t, "one")
	build(t, b, "one")
	if strings.Contains(out.String(), "unchanged") {
		t.Errorf("the first build built nothing:\n%s", out)
	}
	out.Reset()
	build(t, b, "one")
	if !strings.Contains(out.String(), "unchanged") {
		t.Errorf("the second build was not saved:\n%s", out)
	}
	(&bench{dir: b.Root}).write(t, "app/a.go", "two")
	build(t, b, "two")
}

func TestBuilder_noticesThatAnotherBuildWentBetween(t *testing.T) {
	b, _ := builder(t, "one")
	build(t, b, "one")
	(&bench{dir: b.Root}).write(t, "web/dist/app.wasm", "of another source")
	build(t, b, "one")
}

func TestBuilder_givesWhatTheCompilerSaid(t *testing.T) {
	b, _ := builder(t, "broken")
	err := b.Build(t.Context())
	if bad := (*devloop.BuildError)(nil); !errors.As(err, &bad) || bad.Output != "a.go: broken" {
		t.Fatalf("a broken source gives %v", err)
	}
	(&bench{dir: b.Root}).write(t, "app/a.go", "mended")
	build(t, b, "mended")
}

func TestBuilder_isToldToStop(t *testing.T) {
	b, _ := builder(t, "one")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Build(ctx); err == nil {
		t.Error("a build without time gives no error")
	}
}

func TestBuilder_commandThatIsNotThere(t *testing.T) {
	b, _ := builder(t, "one")
	b.Browser = []string{"no-such-command"}
	err := b.Build(t.Context())
	if bad := (*devloop.BuildError)(nil); err == nil || errors.As(err, &bad) {
		t.Errorf("a missing command gives %v, which is no error of the source", err)
	}
}
