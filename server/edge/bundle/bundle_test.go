package bundle_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"partline.dev/server/edge/bundle"
	"partline.dev/web/gowasm"
)

// build builds two small programs into dir.
func build(t *testing.T, dir string, change func(*bundle.Options)) *bundle.Built {
	t.Helper()
	o := bundle.Options{Out: dir, GatewayDir: "testdata/gateway", RoomDir: "testdata/room", Pages: pages}
	if change != nil {
		change(&o)
	}
	built, err := bundle.Build(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return built
}

func pages(_ context.Context, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "page.html"), []byte("<p>a page</p>"), 0o644)
}

// files are the names of all files below dir.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, strings.TrimPrefix(filepath.ToSlash(path), filepath.ToSlash(dir)+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestBuild_leavesWhatWranglerDeploys(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "room", "modules"), 0o755); err != nil {
		t.Fatal(err)
	}
	// What an earlier build left goes.
	if err := os.WriteFile(filepath.Join(dir, "room", "modules", "old.mjs"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	built := build(t, dir, func(o *bundle.Options) {
		o.Gateway, o.Room = map[string]string{"ALLOW_HOSTS": "https://contoso.example"}, map[string]string{"TENANTS": "tenants:\n  \"a\": {}\n"}
	})
	want := []string{
		"gateway/assets/page.html",
		"gateway/modules/exec.mjs", "gateway/modules/gateway.mjs", "gateway/modules/gateway.wasm", "gateway/modules/wasm_exec.js",
		"gateway/wrangler.jsonc",
		"room/modules/exec.mjs", "room/modules/room.mjs", "room/modules/room.wasm", "room/modules/sockets.mjs", "room/modules/storage.mjs", "room/modules/wasm_exec.js",
		"room/wrangler.jsonc",
	}
	if got := files(t, dir); !slices.Equal(got, want) {
		t.Errorf("the folder holds\n%s\nnot\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for i, w := range built.Workers {
		config, err := os.ReadFile(filepath.Join(dir, w.Name, "wrangler.jsonc"))
		if err != nil || !strings.Contains(string(config), `"VERSION": "`+built.Version+`"`) {
			t.Errorf("the Worker %s does not know version %s: %v\n%s", w.Name, built.Version, err, config)
		}
		if told := []string{`"ALLOW_HOSTS": "https://contoso.example"`, `"TENANTS": "tenants:\n  \"a\": {}\n"`}; !strings.Contains(string(config), told[i]) || strings.Contains(string(config), told[1-i]) {
			t.Errorf("the Worker %s is not told its own variables:\n%s", w.Name, config)
		}
		for _, m := range w.Modules {
			content, err := os.ReadFile(filepath.Join(dir, w.Name, "modules", m.Name))
			if err != nil || len(content) != m.Bytes || packed(content) != m.Compressed {
				t.Errorf("%s of %s is said to have %d bytes, %d compressed, and has %d and %d: %v", m.Name, w.Name, m.Bytes, m.Compressed, len(content), packed(content), err)
			}
		}
	}
}

func packed(content []byte) int {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, 9)
	_, _ = z.Write(content)
	_ = z.Close()
	return b.Len()
}

func TestBuild_versionIsOfTheContent(t *testing.T) {
	first := build(t, t.TempDir(), nil)
	if again := build(t, t.TempDir(), nil); again.Version != first.Version || len(first.Version) != 16 {
		t.Errorf("one source became version %q and %q", first.Version, again.Version)
	}
	other := build(t, t.TempDir(), func(o *bundle.Options) { o.RoomDir = "testdata/gateway" })
	bare := build(t, t.TempDir(), func(o *bundle.Options) { o.Pages = nil })
	if other.Version == first.Version || bare.Version == first.Version {
		t.Errorf("another room is %s, no pages are %s, and all of it was %s", other.Version, bare.Version, first.Version)
	}
}

func TestBuild_thatFailsChangesNothing(t *testing.T) {
	dir := t.TempDir()
	build(t, dir, nil)
	before := files(t, dir)
	_, err := bundle.Build(t.Context(), bundle.Options{Out: dir, GatewayDir: "testdata/gateway", RoomDir: "testdata/broken"})
	if !errors.Is(err, gowasm.ErrCompile) || !strings.Contains(err.Error(), "undefined: undefined") || !strings.Contains(err.Error(), "room") {
		t.Errorf("a room that does not compile gives %v", err)
	}
	if after := files(t, dir); !slices.Equal(after, before) {
		t.Errorf("it left\n%s\nof\n%s", strings.Join(after, "\n"), strings.Join(before, "\n"))
	}
}

func TestCheck_namesWhatIsTooLarge(t *testing.T) {
	b := &bundle.Built{Version: "0123456789abcdef", Workers: []bundle.Worker{
		{Name: "gateway", Modules: []bundle.Module{{Name: "gateway.wasm", Bytes: 5000, Compressed: 1800}, {Name: "gateway.mjs", Bytes: 400, Compressed: 200}}},
		{Name: "room", Modules: []bundle.Module{{Name: "room.wasm", Bytes: 3000, Compressed: 1000}}},
	}}
	if err := b.Check(2000); err != nil {
		t.Errorf("2,000 bytes in a limit of 2,000 give %v", err)
	}
	err := b.Check(1999)
	if !errors.Is(err, bundle.ErrTooLarge) {
		t.Fatalf("2,000 bytes in a limit of 1,999 give %v", err)
	}
	if want := "the Worker gateway has 2,000 bytes compressed, 1 over the limit of 1,999; gateway.wasm has 1,800 of them: too large to be deployed"; err.Error() != want {
		t.Errorf("it says %q, not %q", err, want)
	}
	if err := b.Check(500); !strings.Contains(err.Error(), "the Worker gateway") || !strings.Contains(err.Error(), "the Worker room") {
		t.Errorf("of two that are too large it says %v", err)
	}
}

func TestPrint_says(t *testing.T) {
	b := &bundle.Built{Version: "0123456789abcdef", Workers: []bundle.Worker{
		{Name: "gateway", Modules: []bundle.Module{{Name: "gateway.wasm", Bytes: 5242880, Compressed: 1572864}}},
		{Name: "room", Modules: []bundle.Module{{Name: "room.wasm", Bytes: 3000, Compressed: 1000}}},
	}}
	var said bytes.Buffer
	b.Print(&said, bundle.Limit)
	for _, want := range []string{"gateway/gateway.wasm", "5,242,880", "1,572,864", "50.0 %", "1,573,864", "3,145,728 bytes; 3 MB is taken as 3 * 1024 * 1024", "version 0123456789abcdef"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("the table does not say %s:\n%s", want, said.String())
		}
	}
}
