package check

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The versions of the linters. They are built from source by the go command,
// which takes a few minutes once, and kept in .cache.
const (
	golangci    = "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0"
	govulncheck = "golang.org/x/vuln/cmd/govulncheck@v1.9.0"
)

// Lint runs what reads the source: gofmt, go vet, golangci-lint and govulncheck.
func (r *Runner) Lint(ctx context.Context) error {
	r.static(ctx)
	r.vulnerabilities(ctx)
	return r.finish()
}

// static is what make test wants of the source, too.
func (r *Runner) static(ctx context.Context) {
	r.step(ctx, "gofmt", r.gofmt)
	r.step(ctx, "go vet", func(ctx context.Context) error { return r.show(ctx, nil, "go", "vet", "work") })
	r.step(ctx, "go vet for the browser", func(ctx context.Context) error {
		return r.show(ctx, js, append([]string{"go", "vet"}, dirs(browserModules)...)...)
	})
	r.step(ctx, "golangci-lint", r.golangci)
}

// gofmt names the files that are not formatted.
func (r *Runner) gofmt(ctx context.Context) error {
	modules, err := r.modules(ctx)
	if err != nil {
		return err
	}
	said, err := r.ask(ctx, nil, append([]string{"gofmt", "-l"}, modules...)...)
	if err == nil && said != "" {
		err = fmt.Errorf("not formatted: %s", strings.Join(lines(said), ", "))
	}
	return err
}

// golangci runs the linter over every module, and again over what the browser
// runs as it is built for it.
func (r *Runner) golangci(ctx context.Context) error {
	linter, err := r.install(ctx, golangci)
	if err != nil {
		return err
	}
	modules, err := r.modules(ctx)
	if err != nil {
		return err
	}
	return errors.Join(
		r.show(ctx, nil, append([]string{linter, "run"}, dirs(modules)...)...),
		r.show(ctx, js, append([]string{linter, "run"}, dirs(browserModules)...)...),
	)
}

// vulnerabilities looks the dependencies up in Go's database of known ones. It
// is a skip where the scanner or its database cannot be had.
func (r *Runner) vulnerabilities(ctx context.Context) {
	const name = "govulncheck"
	scanner, err := r.install(ctx, govulncheck)
	if err != nil {
		r.report.Skipped(name, "it cannot be built here: "+err.Error())
		return
	}
	said, err := r.ask(ctx, nil, scanner, "-C", "server", "./...")
	if err != nil && said == "" {
		r.report.Skipped(name, "it cannot run, most likely because its database at vuln.go.dev cannot be reached from here")
		return
	}
	fmt.Fprint(r.o.Out, said)
	r.report.Step(name, err)
}

// install builds a tool at its version, unless that has been done, and returns
// where it is.
func (r *Runner) install(ctx context.Context, tool string) (string, error) {
	path, version, _ := strings.Cut(tool, "@")
	name := filepath.Base(path)
	dir := filepath.Join(r.o.Root, ".cache", name+"-"+version)
	bin := filepath.Join(dir, name)
	if _, err := os.Stat(bin); err == nil {
		return bin, nil
	}
	fmt.Fprintf(r.o.Out, "   building %s %s, once\n", name, version)
	if err := r.show(ctx, []string{"GOBIN=" + dir, "GOWORK=off"}, "go", "install", tool); err != nil {
		return "", fmt.Errorf("go install %s: %w", tool, err)
	}
	return bin, nil
}

// modules are the folders of the workspace's modules.
func (r *Runner) modules(ctx context.Context) ([]string, error) {
	said, err := r.ask(ctx, nil, "go", "list", "-m", "-f", "{{.Dir}}")
	var dirs []string
	for _, dir := range lines(said) {
		rel, e := filepath.Rel(r.o.Root, dir)
		err = errors.Join(err, e)
		dirs = append(dirs, rel)
	}
	return dirs, err
}

// dirs are the patterns for all packages of the modules.
func dirs(modules []string) []string {
	var list []string
	for _, m := range modules {
		list = append(list, "./"+m+"/...")
	}
	return list
}
