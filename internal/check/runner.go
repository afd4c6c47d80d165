package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"partline.dev/internal/process"
)

// Options say how to check. Every field but FuzzTime must be set.
type Options struct {
	Root     string        // the top of the workspace
	Out      io.Writer     // where everything is printed
	Seed     uint64        // what the samples are drawn with
	FuzzTime time.Duration // for each fuzz target; zero means 5 s
}

// A Runner runs the steps of the plans, one after the other.
type Runner struct {
	o      Options
	report *Report
}

// New returns a runner. It does nothing yet.
func New(o Options) *Runner {
	if o.FuzzTime == 0 {
		o.FuzzTime = 5 * time.Second
	}
	return &Runner{o: o, report: NewReport(o.Out)}
}

// ErrFailed says that something that was checked is not as it should be. What
// it is has been printed.
var ErrFailed = errors.New("failed")

// grace is how long a command may take over its end. A test binary stops its
// browsers and servers first.
const grace = 15 * time.Second

// command is a command in the workspace, with variables added to its
// environment.
func (r *Runner) command(ctx context.Context, env []string, command ...string) *process.Cmd {
	cmd := process.Command(ctx, grace, command[0], command[1:]...)
	cmd.Dir = r.o.Root
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = r.o.Out
	return cmd
}

// show runs a command and shows its output.
func (r *Runner) show(ctx context.Context, env []string, command ...string) error {
	cmd := r.command(ctx, env, command...)
	cmd.Stdout = r.o.Out
	return cmd.Run()
}

// ask runs a command and returns its output.
func (r *Runner) ask(ctx context.Context, env []string, command ...string) (string, error) {
	cmd := r.command(ctx, env, command...)
	var out bytes.Buffer
	cmd.Stdout = &out
	err := cmd.Run()
	return out.String(), err
}

// step runs a step under its name and counts it.
func (r *Runner) step(ctx context.Context, name string, f func(context.Context) error) {
	if ctx.Err() != nil {
		r.report.Skipped(name, context.Cause(ctx).Error())
		return
	}
	began := time.Now()
	fmt.Fprintf(r.o.Out, "== %s\n", name)
	r.report.Step(name, f(ctx))
	fmt.Fprintf(r.o.Out, "   %s  %s\n", name, seconds(time.Since(began).Seconds()))
}

// tests runs go test -json with the arguments and counts its tests.
func (r *Runner) tests(ctx context.Context, name string, env []string, args ...string) {
	if ctx.Err() != nil {
		r.report.Skipped(name, context.Cause(ctx).Error())
		return
	}
	began := time.Now()
	fmt.Fprintf(r.o.Out, "== %s\n", name)
	env = append(slices.Clone(env), "PARTLINE_SEED="+strconv.FormatUint(r.o.Seed, 10))
	before := r.report.failed
	cmd := r.command(ctx, env, append([]string{"go", "test", "-json"}, args...)...)
	err := r.stream(cmd)
	if err != nil && r.report.failed == before {
		r.report.Step(name, err) // go test itself failed, not a test
	}
	fmt.Fprintf(r.o.Out, "   %s  %s\n", name, seconds(time.Since(began).Seconds()))
}

// stream runs the command and hands its output to the report while it comes.
func (r *Runner) stream(cmd *process.Cmd) error {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	read := r.report.Read(out)
	return errors.Join(cmd.Wait(), read)
}

// finish prints the seed and the totals.
func (r *Runner) finish() error {
	fmt.Fprintf(r.o.Out, "seed %d: the same samples again by SEED=%d\n", r.o.Seed, r.o.Seed)
	r.report.Summary()
	if r.report.Failed() {
		return ErrFailed
	}
	return nil
}

// js is the environment of a build for the browser.
var js = []string{"GOOS=js", "GOARCH=wasm"}

// lines splits output into its lines, without the empty ones.
func lines(s string) []string {
	return slices.DeleteFunc(strings.Split(s, "\n"), func(l string) bool { return strings.TrimSpace(l) == "" })
}
