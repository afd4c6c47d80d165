package check

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// limit is how long make test may take. It is longer than the 25 minutes that
// are promised by what an installation may take.
const limit = 35 * time.Minute

var errLimit = fmt.Errorf("make test took longer than %v", limit)

// Unit runs the tests that need no browser: quickly, and from the cache where
// nothing has changed, so without the race detector.
func (r *Runner) Unit(ctx context.Context) error {
	r.unit(ctx)
	return r.finish()
}

// Test is everything that has to pass, once: what is missing is installed, all
// is built, and the tests run with the race detector and in the browser.
func (r *Runner) Test(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errLimit)
	defer cancel()
	if err := r.prepare(ctx); err != nil {
		return err
	}
	r.static(ctx)
	r.unit(ctx, "-race", "-shuffle=on", "-count=1")
	r.bench(ctx)
	r.node(ctx)
	r.fuzz(ctx)
	r.browser(ctx, "-timeout=20m")
	return r.finish()
}

// Soak is the long run: every case instead of a sample, and the unit tests
// three times over.
func (r *Runner) Soak(ctx context.Context) error {
	if err := r.prepare(ctx); err != nil {
		return err
	}
	if err := os.Setenv("PARTLINE_SOAK", "1"); err != nil {
		return err
	}
	r.unit(ctx, "-race", "-shuffle=on", "-count=3", "-timeout=60m")
	r.browser(ctx, "-timeout=3h")
	return r.finish()
}

// Fuzz runs every fuzz target for Options.FuzzTime.
func (r *Runner) Fuzz(ctx context.Context) error {
	r.fuzz(ctx)
	return r.finish()
}

// npmFolders are the folders whose npm packages the tests need.
var npmFolders = []string{"e2e/npm", "server/edge/worker"}

// prepare installs and builds what the other steps stand on. Without it nothing
// else is worth a try.
func (r *Runner) prepare(ctx context.Context) error {
	fmt.Fprintln(r.o.Out, "== tools: make test needs Chromium, a font, Node and gcc, and installs what is missing;")
	fmt.Fprintln(r.o.Out, "   npm puts the SignalR clients, axe-core, TypeScript and the AsyncAPI parser into e2e/npm/node_modules,")
	fmt.Fprintln(r.o.Out, "   and wrangler, which brings workerd, into server/edge/worker/node_modules")
	if err := r.machine().Install(ctx); err != nil {
		return err
	}
	for _, dir := range npmFolders {
		npm := []string{"npm", "ci", "--prefix", dir, "--ignore-scripts", "--no-audit", "--no-fund"}
		if err := r.show(ctx, nil, npm...); err != nil {
			return fmt.Errorf("%s: %w", strings.Join(npm, " "), err)
		}
	}
	fmt.Fprintln(r.o.Out, "== build")
	if err := r.show(ctx, nil, "make", "--no-print-directory", "build"); err != nil {
		return fmt.Errorf("make build: %w", err)
	}
	return nil
}

// machine is the computer that this runs on.
func (r *Runner) machine() *Machine {
	return &Machine{
		Out:  r.o.Out,
		Root: os.Geteuid() == 0,
		Look: func(command string) bool { _, err := exec.LookPath(command); return err == nil },
		Run:  func(ctx context.Context, command ...string) error { return r.show(ctx, nil, command...) },
		Ask:  func(ctx context.Context, command ...string) (string, error) { return r.ask(ctx, nil, command...) },
	}
}

// unit runs the tests that need no browser.
func (r *Runner) unit(ctx context.Context, args ...string) {
	list, err := r.packages(ctx, nil, func(p *aPackage) bool { return p.tested() && !p.within("e2e") })
	if err != nil {
		r.report.Step("unit tests", err)
		return
	}
	r.tests(ctx, "unit tests", nil, append(args, paths(list)...)...)
}

// bench runs the tests of the measurements, a workspace of their own, and sees
// that they still build against the modules of this one.
func (r *Runner) bench(ctx context.Context) {
	r.step(ctx, "bench, outside the workspace", func(ctx context.Context) error {
		return r.show(ctx, []string{"GOWORK=off"}, "go", "-C", "bench", "test", "./...")
	})
}

// node runs the tests of what the browser runs, built for js/wasm, under Node.
func (r *Runner) node(ctx context.Context) {
	const name = "tests of the browser build, under Node"
	list, err := r.packages(ctx, js, func(p *aPackage) bool { return p.tested() && p.within("shared", "wasmclient") })
	if err != nil {
		r.report.Step(name, err)
		return
	}
	root, err := r.ask(ctx, nil, "go", "env", "GOROOT")
	if err != nil {
		r.report.Step(name, err)
		return
	}
	exec := "-exec=" + filepath.Join(strings.TrimSpace(root), "lib", "wasm", "go_js_wasm_exec")
	// The client's suite needs a hub; the browser tests run it against the
	// binary, under Node too.
	r.tests(ctx, name, js, append([]string{exec, "-skip=^TestSuite_"}, paths(list)...)...)
}

// atOnce is how many black-box tests run at the same time, of those that may:
// about one more than processors, as a browser that starts or a tab that is frozen
// waits most of the time.
var atOnce = fmt.Sprintf("-parallel=%d", runtime.GOMAXPROCS(0)+1)

// browser runs the black-box tests. Each takes long, so each is named when it
// ends.
func (r *Runner) browser(ctx context.Context, args ...string) {
	list, err := r.packages(ctx, nil, func(p *aPackage) bool { return p.tested() && p.within("e2e") })
	if err != nil {
		r.report.Step("browser tests", err)
		return
	}
	r.report.Verbose(true)
	defer r.report.Verbose(false)
	r.tests(ctx, "browser tests", nil, append(append([]string{"-count=1", atOnce}, args...), paths(list)...)...)
}
