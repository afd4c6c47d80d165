package arch_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// root is the top of the workspace, from this package's folder.
var root = filepath.Join("..", "..")

// modules are the modules of the workspace, which are also its folders.
var modules = []string{"app", "e2e", "examples", "internal", "server", "shared", "wasmclient", "web"}

// aPackage is what the go command says of a package of ours.
type aPackage struct {
	ImportPath   string
	Dir          string
	GoFiles      []string
	TestGoFiles  []string
	XTestGoFiles []string
	Imports      []string
	Deps         []string
	Error        *struct{ Err string }
}

// platforms are what the source is built for. Only these modules run in a
// browser, and of the server what is for the edge.
var platforms = []platform{
	newPlatform("linux", []string{"GOOS=linux", "GOARCH=amd64"}, modules),
	newPlatform("js/wasm", []string{"GOOS=js", "GOARCH=wasm"}, []string{"app", "server/edge", "shared", "wasmclient"}),
}

type platform struct {
	name    string
	modules []string
	load    func() ([]aPackage, error) // asks the go command once
}

func newPlatform(name string, env, modules []string) platform {
	return platform{name, modules, sync.OnceValues(func() ([]aPackage, error) { return list(env, modules) })}
}

// list asks the go command for all packages of the modules.
func list(env, modules []string) ([]aPackage, error) {
	args := []string{"list", "-e", "-json=ImportPath,Dir,GoFiles,TestGoFiles,XTestGoFiles,Imports,Deps,Error"}
	for _, m := range modules {
		args = append(args, "./"+m+"/...")
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var packages []aPackage
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p aPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, err
		}
		if len(p.GoFiles)+len(p.TestGoFiles)+len(p.XTestGoFiles) > 0 {
			packages = append(packages, p)
		}
	}
}

// each calls f for every package, on every platform.
func each(t *testing.T, f func(t *testing.T, p *aPackage)) {
	t.Helper()
	for _, platform := range platforms {
		t.Run(platform.name, func(t *testing.T) {
			packages, err := platform.load()
			if err != nil {
				t.Fatal(err)
			}
			if len(packages) < len(platform.modules) {
				t.Fatalf("the go command found only %d packages", len(packages))
			}
			for i := range packages {
				f(t, &packages[i])
			}
		})
	}
}

// name is the package's path without what all share.
func (p *aPackage) name() string { return strings.TrimPrefix(p.ImportPath, "partline.dev/") }

// standard reports whether an import path is of the standard library.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// matches reports whether a path fits a pattern: itself, or with /... also
// everything below it.
func matches(path, pattern string) bool {
	base, below := strings.CutSuffix(pattern, "/...")
	return path == base || below && strings.HasPrefix(path, base+"/")
}
