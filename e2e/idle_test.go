package e2e_test

import (
	"context"
	"testing"
	"time"

	"partline.dev/internal/testkit/partline"
)

// idleConnections is what one server process has to hold.
const idleConnections = 10_000

func TestIdle_connectionsAreHeldAndClosedCleanly(t *testing.T) {
	const n = idleConnections
	holder := buildHold(t)
	s := partline.Start(t, binary)
	start := s.Metric("go_goroutines")
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	l := hold(ctx, t, holder, n, "-url", s.URL+"/hubs/connected")
	l.expect("held")
	if got := s.Metric("partline_connections"); got != float64(n) {
		t.Errorf("the server has %.0f connections, want %d", got, n)
	}
	t.Log(memoryPerConnection(s, start, n))
	l.end()
	awaitNothing(ctx, t, s, start)
	if err := s.Stop(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}
