package wasmbuild_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"partline.dev/web"
	"partline.dev/web/gowasm"
	"partline.dev/web/wasmbuild"
)

// run builds pkg into dir and returns what was built and what was said.
func run(t *testing.T, pkg, dir string, change func(*wasmbuild.Options)) (web.Build, string) {
	t.Helper()
	var said bytes.Buffer
	o := wasmbuild.Options{Package: pkg, Out: dir, Log: &said}
	if change != nil {
		change(&o)
	}
	if err := wasmbuild.Run(t.Context(), o); err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	b, err := web.ReadBuild(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return b, said.String()
}

func TestRun_leavesAProgramThatCanBeServed(t *testing.T) {
	dir := t.TempDir()
	// What an earlier build left goes, what is not a build's stays.
	for _, name := range []string{"app-0000000000000000.wasm.br", "app-0000000000000000.wasm.gz", "README.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b, _ := run(t, "./testdata/plain", dir, nil)

	plain := read(t, filepath.Join(dir, b.Wasm+".gz"), func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) })
	packed := read(t, filepath.Join(dir, b.Wasm+".br"), func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil })
	if !bytes.Equal(plain, packed) || !bytes.HasPrefix(plain, []byte("\x00asm")) {
		t.Error("the two files do not hold one program")
	}
	sum := sha256.Sum256(plain)
	if want := "app-" + hex.EncodeToString(sum[:8]) + ".wasm"; b.Wasm != want || b.Length != len(plain) {
		t.Errorf("%+v describes %s of %d bytes", b, want, len(plain))
	}
	if info, err := os.Stat(filepath.Join(dir, b.Wasm+".br")); err != nil || int(info.Size()) != b.Brotli {
		t.Errorf("%+v describes a .br file of %v, %v", b, info, err)
	}
	if script, err := os.ReadFile(filepath.Join(dir, web.ExecFile)); err != nil || !bytes.Contains(script, []byte("importObject")) {
		t.Errorf("the script that starts the program: %v", err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	if got, want := strings.Join(names, " "), "README.txt "+b.Wasm+".br "+b.Wasm+".gz build.json wasm_exec.js"; got != want {
		t.Errorf("the folder holds %s, not %s", got, want)
	}
}

func read(t *testing.T, path string, unpack func(io.Reader) (io.Reader, error)) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r, err := unpack(f)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestRun_compressesAnewOnlyForABetterLevel(t *testing.T) {
	dir := t.TempDir()
	level := func(n int) func(*wasmbuild.Options) {
		return func(o *wasmbuild.Options) { o.Level = n }
	}
	first, _ := run(t, "./testdata/plain", dir, level(2))
	for _, n := range []int{2, 0} {
		if b, said := run(t, "./testdata/plain", dir, level(n)); b != first || !strings.Contains(said, "is up to date") {
			t.Errorf("level %d made %+v of %+v: %s", n, b, first, said)
		}
	}
	if b, _ := run(t, "./testdata/plain", dir, level(5)); b.Level != 5 || b.Brotli >= first.Brotli {
		t.Errorf("level 5 made %+v of %+v", b, first)
	}
}

// The smaller program depends on the files that go-app happens to have. This
// builds the parts both ways.
func TestRun_leavesOutTheServersHalfOfGoApp(t *testing.T) {
	const parts = "partline.dev/app/cmd/app"
	whole, said := run(t, parts, t.TempDir(), func(o *wasmbuild.Options) { o.Whole = true })
	if !strings.Contains(said, "the whole of go-app is compiled in") {
		t.Errorf("the build of the whole says\n%s", said)
	}
	slim, said := run(t, parts, t.TempDir(), nil)
	if strings.Contains(said, "the whole of go-app") {
		t.Errorf("the smaller build says\n%s", said)
	}
	if slim.Length > whole.Length*9/10 {
		t.Errorf("without the server's half the program has %d bytes, with it %d", slim.Length, whole.Length)
	}
	// Replicas that were built apart serve the same program.
	again, _ := run(t, parts, t.TempDir(), nil)
	if again.Wasm != slim.Wasm {
		t.Errorf("one source became %s and %s", slim.Wasm, again.Wasm)
	}
}

func TestRun_saysWhyTheWholeOfGoAppIsIn(t *testing.T) {
	// This module does not have go-app, so there is nothing to leave out.
	_, said := run(t, "./testdata/plain", t.TempDir(), nil)
	if !strings.Contains(said, "go-app") {
		t.Errorf("it says\n%s", said)
	}
}

func TestRun_passesOnWhatTheCompilerSays(t *testing.T) {
	dir := t.TempDir()
	err := wasmbuild.Run(t.Context(), wasmbuild.Options{Package: "./testdata/broken", Out: dir})
	if !errors.Is(err, gowasm.ErrCompile) || !strings.Contains(err.Error(), "undefined: undefined") {
		t.Errorf("the error is %v", err)
	}
	if _, err := web.ReadBuild(os.DirFS(dir)); !errors.Is(err, web.ErrNotBuilt) {
		t.Errorf("a build that failed left %v", err)
	}
}

func TestRun_refusesALevelThatBrotliDoesNotHave(t *testing.T) {
	for _, level := range []int{-1, 12} {
		if err := wasmbuild.Run(t.Context(), wasmbuild.Options{Package: "./testdata/plain", Out: t.TempDir(), Level: level}); err == nil {
			t.Errorf("level %d was taken", level)
		}
	}
}

func TestRun_endsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := wasmbuild.Run(ctx, wasmbuild.Options{Package: "./testdata/plain", Out: t.TempDir()})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}
