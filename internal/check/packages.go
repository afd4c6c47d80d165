package check

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// aPackage is what the go command says of a package.
type aPackage struct {
	ImportPath   string
	Dir          string
	TestGoFiles  []string
	XTestGoFiles []string
}

func (p *aPackage) tested() bool { return len(p.TestGoFiles)+len(p.XTestGoFiles) > 0 }

// within reports whether the package belongs to one of the modules.
func (p *aPackage) within(modules ...string) bool {
	for _, m := range modules {
		if p.ImportPath == "partline.dev/"+m || strings.HasPrefix(p.ImportPath, "partline.dev/"+m+"/") {
			return true
		}
	}
	return false
}

// browserModules are what is built for the browser, too.
var browserModules = []string{"shared", "wasmclient", "app"}

// packages lists the packages of the workspace that have tests. The
// environment chooses the platform.
func (r *Runner) packages(ctx context.Context, env []string, keep func(*aPackage) bool) ([]aPackage, error) {
	said, err := r.ask(ctx, env, "go", "list", "-e", "-json=ImportPath,Dir,TestGoFiles,XTestGoFiles", "work")
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var kept []aPackage
	for d := json.NewDecoder(bytes.NewBufferString(said)); ; {
		var p aPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return kept, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		if keep(&p) {
			kept = append(kept, p)
		}
	}
}

// paths are the import paths of packages.
func paths(packages []aPackage) []string {
	var list []string
	for _, p := range packages {
		list = append(list, p.ImportPath)
	}
	return list
}

var fuzzFunc = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(\w+ \*testing\.F\)`)

// fuzzTargets are the names of a package's fuzz targets.
func (p *aPackage) fuzzTargets() ([]string, error) {
	var names []string
	for _, file := range append(p.TestGoFiles, p.XTestGoFiles...) {
		source, err := os.ReadFile(filepath.Join(p.Dir, file))
		if err != nil {
			return nil, err
		}
		for _, m := range fuzzFunc.FindAllSubmatch(source, -1) {
			names = append(names, string(m[1]))
		}
	}
	return names, nil
}
