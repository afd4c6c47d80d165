package e2e_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"partline.dev/internal/process"
	"partline.dev/internal/testkit/partline"
)

// buildHold builds the command that holds connections.
func buildHold(t *testing.T) string {
	t.Helper()
	path, err := partline.Build(t.TempDir(), "partline.dev/e2e/cmd/hold")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// load is n connections that a process of its own holds.
type load struct {
	t     *testing.T
	n     int
	cmd   *process.Cmd
	in    io.Closer
	lines *bufio.Scanner
}

// hold starts n connections with the flags of the command at path.
func hold(ctx context.Context, t *testing.T, path string, n int, flags ...string) *load {
	t.Helper()
	cmd := process.Command(ctx, time.Second, path, append(flags, "-n", fmt.Sprint(n))...)
	cmd.Stderr = t.Output()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return &load{t: t, n: n, cmd: cmd, in: in, lines: bufio.NewScanner(out)}
}

// expect waits until all connections have done what: "held", "heard" or "closed".
func (l *load) expect(what string) {
	l.t.Helper()
	if want := fmt.Sprint(what, " ", l.n); !l.lines.Scan() || l.lines.Text() != want {
		l.t.Errorf("the load says %q, want %q", l.lines.Text(), want)
	}
}

// end closes the connections.
func (l *load) end() {
	l.t.Helper()
	l.in.Close()
	l.expect("closed")
	if err := l.cmd.Wait(); err != nil {
		l.t.Errorf("the load ended with %v", err)
	}
}

// awaitMetrics asks a server until ok, which reads its metrics, says so; else what
// it says in the end is told.
func awaitMetrics(ctx context.Context, t *testing.T, ok func() (bool, string)) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		done, now := ok()
		if done {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal(now)
		}
	}
}

// awaitNothing waits until a server has no connection and no more goroutines than
// at its start.
func awaitNothing(ctx context.Context, t *testing.T, s *partline.Server, start float64) {
	t.Helper()
	awaitMetrics(ctx, t, func() (bool, string) {
		goroutines, open := s.Metric("go_goroutines"), s.Metric("partline_connections")
		return goroutines <= start && open == 0, fmt.Sprintf(
			"afterwards there are %.0f connections and %.0f goroutines; at the start there were %.0f", open, goroutines, start)
	})
}

// memoryPerConnection tells what n connections cost.
func memoryPerConnection(s *partline.Server, start float64, n int) string {
	each := float64(n)
	return fmt.Sprintf("%d connections: %.1f goroutines each, %.1f KiB of heap and stack each, %.1f KiB resident each", n,
		(s.Metric("go_goroutines")-start)/each,
		(s.Metric("go_memstats_heap_inuse_bytes")+s.Metric("go_memstats_stack_inuse_bytes"))/each/1024,
		s.Metric("process_resident_memory_bytes")/each/1024)
}
