// Package wasmbuild compiles the parts to WebAssembly and leaves them in a
// folder that a server can embed or read: the program, compressed, under a name
// that tells its content, and build.json, which describes it.
//
//	err := wasmbuild.Run(ctx, wasmbuild.Options{Package: "./app/cmd/app", Out: "web/dist", Level: 11, Log: os.Stderr})
//
// A second run with nothing changed compresses nothing.
//
// Concurrency: two runs into one folder must not overlap. Run blocks: the
// compiler needs up to a minute the first time, brotli 11 about 20 s.
package wasmbuild

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"partline.dev/web"
	"partline.dev/web/gowasm"
)

// Options say what to build.
type Options struct {
	// Package is the main package to compile, as the go command takes it.
	Package string

	// Out is the folder that is written to. It is made if it is not there;
	// older programs in it go, other files stay.
	Out string

	// Level is the level of the brotli compression: 0 is quick, 11 is small.
	// A program that is already there at a higher level stays.
	Level int

	// Whole compiles in the whole of go-app, with its server's half, which
	// never runs in a browser; see slim.go. The test that compares sets it.
	Whole bool

	// Log gets one line for each step that takes long. Nil means silence.
	Log io.Writer
}

// Run compiles, names, compresses and describes the program. It gives
// [gowasm.ErrCompile] if the compiler refuses it.
func Run(ctx context.Context, o Options) error {
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Level < 0 || o.Level > 11 {
		return fmt.Errorf("brotli has the levels 0 to 11, not %d", o.Level)
	}
	if err := os.MkdirAll(o.Out, 0o755); err != nil {
		return err
	}
	program, err := compile(ctx, o)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(program)
	b := web.Build{
		Wasm:   "app-" + hex.EncodeToString(sum[:8]) + ".wasm",
		Length: len(program),
		Level:  o.Level,
	}
	if err := copyExec(ctx, o.Out); err != nil {
		return err
	}
	if old, err := web.ReadBuild(os.DirFS(o.Out)); err == nil && old.Wasm == b.Wasm && old.Level >= o.Level {
		fmt.Fprintf(o.Log, "%s is up to date\n", old.Wasm)
		return nil
	}
	if b.Brotli, err = writeBrotli(ctx, o, b, program); err != nil {
		return err
	}
	if err := writeGzip(filepath.Join(o.Out, b.Wasm+".gz"), program); err != nil {
		return err
	}
	return finish(o, b)
}

// compile has the go command compile the program and returns it.
func compile(ctx context.Context, o Options) ([]byte, error) {
	began := time.Now()
	fmt.Fprintf(o.Log, "compiling %s to WebAssembly\n", o.Package)
	dir, err := os.MkdirTemp("", "partline-wasm-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "app.wasm")
	if err := goBuildSlim(ctx, o, dir, out); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err := gowasm.Compile(ctx, gowasm.Program{Package: o.Package, Out: out}); err != nil {
			return nil, err
		}
		fmt.Fprintln(o.Log, err)
	}
	program, err := os.ReadFile(out)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(o.Log, "compiled in %s: %s\n", seconds(began), kB(len(program)))
	return program, nil
}

// goBuildSlim compiles the program without the server's half of go-app.
func goBuildSlim(ctx context.Context, o Options, dir, out string) error {
	if o.Whole {
		return errWhole
	}
	in, path, flags, err := slim(ctx, o.Package, dir)
	if err != nil {
		return err
	}
	// The module is compiled alone, without a workspace around it.
	return gowasm.Compile(ctx, gowasm.Program{Dir: in, Package: path, Out: out, Flags: flags, Env: []string{"GOWORK=off"}})
}

// copyExec copies the script that starts the program in a browser.
func copyExec(ctx context.Context, out string) error {
	script, err := gowasm.Exec(ctx, "")
	if err != nil {
		return err
	}
	return replace(filepath.Join(out, web.ExecFile), script)
}

// finish names the new program in build.json, in one step, and then removes
// the programs that nobody names any more.
func finish(o Options, b web.Build) error {
	description, err := json.MarshalIndent(b, "", "\t")
	if err != nil {
		return err
	}
	if err := replace(filepath.Join(o.Out, web.BuildFile), append(description, '\n')); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(o.Out, "app-*.wasm.*"))
	if err != nil {
		return err
	}
	for _, f := range files {
		if !strings.HasPrefix(filepath.Base(f), b.Wasm) {
			if err := os.Remove(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// replace writes a file so that no reader sees half of it.
func replace(path string, content []byte) error {
	next := path + ".tmp"
	if err := os.WriteFile(next, content, 0o644); err != nil {
		return err
	}
	return os.Rename(next, path)
}

func seconds(since time.Time) string {
	return fmt.Sprintf("%.1f s", time.Since(since).Seconds())
}

func kB(n int) string { return fmt.Sprintf("%d kB", (n+500)/1000) }
