// Package gowasm has the go command compile programs to WebAssembly, and finds the
// script that starts them.
//
//	err := gowasm.Compile(ctx, gowasm.Program{Package: "./app/cmd/app", Out: "app.wasm"})
//	script, err := gowasm.Exec(ctx, "")
//
// Concurrency: everything may be used from any goroutine. Compile blocks until the
// compiler has ended, up to a minute the first time; Exec for some milliseconds.
package gowasm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"partline.dev/web"
)

// ErrCompile is the compiler refusing the source. What it says follows.
var ErrCompile = errors.New("the program does not compile to WebAssembly")

// Environ are the variables by which the go command compiles to WebAssembly.
func Environ() []string { return []string{"GOOS=js", "GOARCH=wasm"} }

// A Program says what to compile.
type Program struct {
	Dir     string   // where the go command runs; empty: in the folder of this process
	Package string   // the main package, as the go command takes it
	Out     string   // the file to write; from Dir, if it is no absolute path
	Flags   []string // for go build, besides those that leave out paths and symbols
	Env     []string // variables besides those of this process
}

// Compile compiles p, without symbols and without paths of this machine.
func Compile(ctx context.Context, p Program) error {
	args := append([]string{"build", "-trimpath", "-ldflags=-s -w", "-o", p.Out}, p.Flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, p.Package)...)
	cmd.Dir = p.Dir
	cmd.Env = append(append(os.Environ(), Environ()...), p.Env...)
	said, err := cmd.CombinedOutput()
	switch exit := (*exec.ExitError)(nil); {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &exit):
		return fmt.Errorf("%w:\n%s", ErrCompile, strings.TrimSpace(string(said)))
	case err != nil:
		return fmt.Errorf("go build: %w", err)
	}
	return nil
}

// Exec is the script that starts what Compile has compiled in dir. It belongs to the
// compiler: another version's may not fit.
func Exec(ctx context.Context, dir string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", "env", "GOROOT")
	cmd.Dir = dir
	root, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOROOT: %w", err)
	}
	return os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", web.ExecFile))
}
