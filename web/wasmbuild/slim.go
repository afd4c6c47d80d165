package wasmbuild

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"partline.dev/web/gowasm"
)

// go-app is one package for both ends: with its HTTP handler the whole of
// net/http ends up in the browser, a quarter of the program that never runs.
// So the program is compiled against go-app without its server's half. Which
// files that is holds for one version; with any other, and where a part uses
// what was left out, the program is compiled against the whole of go-app, and
// the log says so.
const (
	goApp        = "github.com/maxence-charriere/go-app/v10"
	goAppVersion = "v10.1.11"
)

// serverHalf are the files of package app that are left out.
var serverHalf = []string{"http.go", "resource.go", "static.go", "wasm.go"}

// browserResource stands in for resource.go, of which the browser needs one
// function: where the files are that a page calls /web/...
const browserResource = `package app

import "strings"

func clientResourceResolver(folder string) func(string) string {
	return func(location string) string {
		name, ok := strings.CutPrefix(strings.TrimPrefix(location, "/"), "web/")
		if !ok {
			return location
		}
		return folder + "/" + name
	}
}
`

// errWhole says why the server's half of go-app stays in.
var errWhole = errors.New("the whole of go-app is compiled in")

// module is where a package is, as the go command sees it.
type module struct {
	ImportPath string
	Module     *struct{ Dir, GoMod string }
}

// slimDir is the folder, in the module of the parts, where the go command
// finds the smaller go-app. There is no such folder: an overlay makes it out of
// files that are elsewhere. So no path of this machine is in the program, and
// the same source makes the same bytes everywhere.
const slimDir = "go-app-for-browsers"

// slim prepares, in dir, what makes the go command compile pkg against go-app
// without its server's half. It returns the folder to compile in, the package's
// import path and the flags.
func slim(ctx context.Context, pkg, dir string) (in, path string, flags []string, err error) {
	var at module
	if err := goJSON(ctx, "", nil, &at, "list", "-json=ImportPath,Module", pkg); err != nil {
		return "", "", nil, err
	}
	if at.Module == nil {
		return "", "", nil, fmt.Errorf("%w: %s is in no module", errWhole, pkg)
	}
	var found struct{ Version, Dir string }
	if err := goJSON(ctx, at.Module.Dir, []string{"GOWORK=off"}, &found, "list", "-m", "-json=Version,Dir", goApp); err != nil {
		return "", "", nil, err
	}
	if found.Version != goAppVersion {
		return "", "", nil, fmt.Errorf("%w: it is %s, and the smaller one is made of %s", errWhole, found.Version, goAppVersion)
	}
	if found.Dir == "" {
		return "", "", nil, fmt.Errorf("%w: go.sum of the parts does not have it; run go mod tidy there", errWhole)
	}
	overlay := filepath.Join(dir, "overlay.json")
	if err := writeOverlay(overlay, found.Dir, filepath.Join(at.Module.Dir, slimDir)); err != nil {
		return "", "", nil, err
	}
	modfile := filepath.Join(dir, "go.mod")
	if err := copyFile(at.Module.GoMod, modfile); err != nil {
		return "", "", nil, err
	}
	sums := filepath.Join(filepath.Dir(at.Module.GoMod), "go.sum")
	if err := copyFile(sums, filepath.Join(dir, "go.sum")); err != nil {
		return "", "", nil, err
	}
	edit := exec.CommandContext(ctx, "go", "mod", "edit", "-replace", goApp+"=./"+slimDir, modfile)
	if said, err := edit.CombinedOutput(); err != nil {
		return "", "", nil, fmt.Errorf("go mod edit: %s", said)
	}
	return at.Module.Dir, at.ImportPath, []string{"-modfile=" + modfile, "-overlay=" + overlay}, nil
}

// writeOverlay writes the overlay that makes the folder to, which is not there,
// hold what the browser needs of go-app in the folder from.
func writeOverlay(overlay, from, to string) error {
	replace := map[string]string{filepath.Join(to, "go.mod"): filepath.Join(from, "go.mod")}
	for _, dir := range []string{"pkg/app", "pkg/errors"} {
		files, err := filepath.Glob(filepath.Join(from, dir, "*.go"))
		if err != nil {
			return err
		}
		for _, f := range files {
			if !strings.HasSuffix(f, "_test.go") && !slices.Contains(serverHalf, filepath.Base(f)) {
				replace[filepath.Join(to, dir, filepath.Base(f))] = f
			}
		}
	}
	resource := filepath.Join(filepath.Dir(overlay), "resource.go.txt")
	if err := os.WriteFile(resource, []byte(browserResource), 0o644); err != nil {
		return err
	}
	replace[filepath.Join(to, "pkg/app/resource.go")] = resource
	content, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return err
	}
	return os.WriteFile(overlay, content, 0o644)
}

// copyFile copies a file; one that is not there stays so.
func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o644)
}

// goJSON runs the go command and reads the one JSON value it prints.
func goJSON(ctx context.Context, dir string, env []string, into any, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), gowasm.Environ()...), env...)
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return fmt.Errorf("go %s: %s", args[0], strings.TrimSpace(string(exit.Stderr)))
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(out, into)
}
