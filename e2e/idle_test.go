package e2e_test

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"partline.dev/internal/process"
	"partline.dev/internal/testkit/partline"
)

// idleConnections is what one server process has to hold.
const idleConnections = 10_000

func TestIdle_connectionsAreHeldAndClosedCleanly(t *testing.T) {
	const n = idleConnections
	holder, err := partline.Build(t.TempDir(), "partline.dev/e2e/cmd/hold")
	if err != nil {
		t.Fatal(err)
	}
	s := partline.Start(t, binary)
	start := s.Metric("go_goroutines")

	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	hub := strings.Replace(s.URL, "http", "ws", 1) + "/hubs/connected"
	cmd := process.Command(ctx, time.Second, holder, "-url", hub, "-n", fmt.Sprint(n))
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
	lines := bufio.NewScanner(out)
	expect := func(want string) {
		t.Helper()
		if !lines.Scan() || lines.Text() != want {
			t.Errorf("the load says %q, want %q", lines.Text(), want)
		}
	}
	expect(fmt.Sprint("held ", n))
	if got := s.Metric("partline_connections"); got != float64(n) {
		t.Errorf("the server has %.0f connections, want %d", got, n)
	}
	t.Logf("%d connections: %.1f goroutines each, %.1f KiB of heap and stack each, %.1f KiB resident each", n,
		(s.Metric("go_goroutines")-start)/float64(n),
		(s.Metric("go_memstats_heap_inuse_bytes")+s.Metric("go_memstats_stack_inuse_bytes"))/float64(n)/1024,
		s.Metric("process_resident_memory_bytes")/float64(n)/1024)
	in.Close()
	expect(fmt.Sprint("closed ", n))
	if err := cmd.Wait(); err != nil {
		t.Errorf("the load ended with %v", err)
	}

	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		goroutines, open := s.Metric("go_goroutines"), s.Metric("partline_connections")
		if goroutines <= start && open == 0 {
			break
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("afterwards there are %.0f connections and %.0f goroutines; at the start there were %.0f", open, goroutines, start)
		}
	}
	if err := s.Stop(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}
