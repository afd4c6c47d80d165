package bundle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"partline.dev/server/edge/worker"
	"partline.dev/web"
	"partline.dev/web/gowasm"
)

// recipe is how one of the Workers is built.
type recipe struct {
	name    string
	main    string   // its module that is run
	scripts []string // its other modules
	program string   // the main package of its program
	dir     string   // the folder of another one; empty: there is none
	files   func(ctx context.Context, dir string) error
	vars    map[string]string
}

// build fills dir and says what is in it.
func (r *recipe) build(ctx context.Context, dir string) (*Worker, error) {
	modules := filepath.Join(dir, "modules")
	if err := os.MkdirAll(modules, 0o755); err != nil {
		return nil, err
	}
	for _, name := range append([]string{r.main}, r.scripts...) {
		script, err := fs.ReadFile(worker.Files(), name)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(modules, name), script, 0o644); err != nil {
			return nil, err
		}
	}
	if err := r.compile(ctx, filepath.Join(modules, r.name+".wasm")); err != nil {
		return nil, err
	}
	script, err := gowasm.Exec(ctx, r.dir)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(modules, web.ExecFile), script, 0o644); err != nil {
		return nil, err
	}
	if r.files != nil {
		if err := r.files(ctx, filepath.Join(dir, "assets")); err != nil {
			return nil, err
		}
	}
	return measure(r.name, modules)
}

func (r *recipe) compile(ctx context.Context, out string) error {
	if r.dir != "" {
		return CompileRoom(ctx, r.dir, out)
	}
	return gowasm.Compile(ctx, gowasm.Program{Package: r.program, Out: out})
}

// CompileRoom compiles the room whose main package is in the folder dir to the file
// out. It gives [gowasm.ErrCompile] if the compiler refuses it.
func CompileRoom(ctx context.Context, dir, out string) error {
	out, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	return gowasm.Compile(ctx, gowasm.Program{Dir: dir, Package: ".", Out: out})
}

// configure writes the file for wrangler.
func (r *recipe) configure(dir, version string) error {
	template, err := fs.ReadFile(worker.Files(), "wrangler."+r.name+".jsonc")
	if err != nil {
		return err
	}
	vars := map[string]string{}
	maps.Copy(vars, r.vars)
	vars["VERSION"] = version
	written, err := json.MarshalIndent(vars, "  ", "  ")
	if err != nil {
		return err
	}
	text := strings.ReplaceAll(string(template), `"{{VARS}}"`, string(written))
	return os.WriteFile(filepath.Join(dir, "wrangler.jsonc"), []byte(text), 0o644)
}

// hash is of the names and contents of all files below dir.
func hash(dir string) (string, error) {
	sum := sha256.New()
	files := os.DirFS(dir)
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		fmt.Fprintf(sum, "%s %d\n", name, len(content))
		sum.Write(content)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)[:8]), err
}
