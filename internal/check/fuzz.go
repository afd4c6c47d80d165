package check

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"partline.dev/internal/process"
)

// fuzzTarget is a fuzz target and the test binary that has it.
type fuzzTarget struct {
	name string
	of   *aPackage
	bin  string
}

// fuzzed is what came of one, or of its build.
type fuzzed struct {
	said string
	err  error
	took time.Duration
}

// fuzz runs every fuzz target, beyond its corpus, for a while: as many at once as
// there are processors, with one worker each. A package is built once for all its
// targets.
func (r *Runner) fuzz(ctx context.Context) {
	dir, err := os.MkdirTemp("", "partline-fuzz-")
	if err != nil {
		r.report.Step("fuzz targets", err)
		return
	}
	defer os.RemoveAll(dir)
	cache, err := r.ask(ctx, nil, "go", "env", "GOCACHE")
	if err != nil {
		r.report.Step("fuzz targets", err)
		return
	}
	began := time.Now()
	targets := r.fuzzBinaries(ctx, dir)
	cache = filepath.Join(strings.TrimSpace(cache), "fuzz")
	inLanes(runtime.GOMAXPROCS(0), len(targets), func(i int) fuzzed {
		return r.fuzzOne(ctx, &targets[i], cache)
	}, func(i int, f fuzzed) {
		title := fmt.Sprintf("%s of %s, %v", targets[i].name, short(targets[i].of.ImportPath), r.o.FuzzTime)
		if f.took == 0 {
			r.report.Skipped(title, context.Cause(ctx).Error())
			return
		}
		fmt.Fprintf(r.o.Out, "== %s\n%s", title, f.said)
		r.report.Step(title, f.err)
		fmt.Fprintf(r.o.Out, "   %s  %s\n", title, seconds(f.took.Seconds()))
	})
	fmt.Fprintf(r.o.Out, "   fuzz targets  %s\n", seconds(time.Since(began).Seconds()))
}

// fuzzBinaries builds the packages with fuzz targets into dir, and returns the
// targets of those that it could build.
func (r *Runner) fuzzBinaries(ctx context.Context, dir string) (targets []fuzzTarget) {
	r.step(ctx, "build of the fuzz targets", func(ctx context.Context) error {
		list, err := r.packages(ctx, nil, (*aPackage).tested)
		var names [][]string
		list = slices.DeleteFunc(list, func(p aPackage) bool {
			found, e := p.fuzzTargets()
			if err = errors.Join(err, e); len(found) > 0 {
				names = append(names, found)
			}
			return len(found) == 0
		})
		bin := func(i int) string { return filepath.Join(dir, strconv.Itoa(i)+".test") }
		inLanes(runtime.GOMAXPROCS(0), len(list), func(i int) fuzzed {
			// With -fuzz it is instrumented to see what an input reaches.
			return r.hear(r.command(ctx, nil, "go", "test", "-c", "-fuzz=.", "-o", bin(i), list[i].ImportPath))
		}, func(i int, built fuzzed) {
			if built.err != nil {
				fmt.Fprint(r.o.Out, built.said)
				err = errors.Join(err, fmt.Errorf("%s: %w", short(list[i].ImportPath), built.err))
				return
			}
			for _, name := range names[i] {
				targets = append(targets, fuzzTarget{name, &list[i], bin(i)})
			}
		})
		return err
	})
	return targets
}

// hear runs a command and keeps all that it says.
func (r *Runner) hear(cmd *process.Cmd) (f fuzzed) {
	began := time.Now()
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	f.err = cmd.Run()
	f.said, f.took = out.String(), time.Since(began)
	return f
}

// fuzzOne runs one fuzz target in its package's folder, as the go command does:
// there are its corpus and the inputs that fail; what is only interesting is kept
// in cache. It takes no time at all when the context has ended.
//
// On a busy machine Go's fuzzing engine can miss its own end and then reports
// nothing but "context deadline exceeded"; an input that fails is always written
// down, so that alone is no failure.
func (r *Runner) fuzzOne(ctx context.Context, t *fuzzTarget, cache string) (f fuzzed) {
	if ctx.Err() != nil {
		return fuzzed{}
	}
	cmd := r.command(ctx, []string{"PWD=" + t.of.Dir}, t.bin, "-test.paniconexit0", "-test.timeout=10m", "-test.run=^$",
		"-test.fuzz=^"+t.name+"$", "-test.fuzztime="+r.o.FuzzTime.String(), "-test.parallel=1",
		"-test.fuzzcachedir="+filepath.Join(cache, t.of.ImportPath))
	cmd.Dir = t.of.Dir
	f = r.hear(cmd)
	switch {
	case f.err == nil:
		f.said = ""
	case missedItsEnd(f.said):
		f.said, f.err = "   the fuzzing engine ended late; no input failed\n", nil
	}
	return f
}

func missedItsEnd(out string) bool {
	return strings.Contains(out, "context deadline exceeded") &&
		!strings.Contains(out, "Failing input") && !strings.Contains(out, "panic:")
}
