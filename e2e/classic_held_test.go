package e2e_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"partline.dev/internal/testkit"
	"partline.dev/internal/testkit/partline"
	"partline.dev/shared/connected"
	client "partline.dev/wasmclient"
)

// heldOfEach is how many clients of SignalR 2 one server process has to hold of
// each of two transports at once.
const heldOfEach = 5_000

func TestClassic_heldConnectionsHearABroadcast(t *testing.T) {
	n := len(testkit.Sample(t, heldOfEach))
	holder := buildHold(t)
	s := partline.Start(t, binary, "--negotiate-burst", fmt.Sprint(4*heldOfEach))
	start := s.Metric("go_goroutines")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()

	const said = "to everybody who is held"
	flags := func(way string) []string {
		return []string{"-url", s.URL + "/signalr", "-classic", way, "-hub", "chatHub", "-hear", said}
	}
	polls := hold(ctx, t, holder, n, flags("longPolling")...)
	polls.expect("held")
	// The few that are more serve the requests before the polls, and the metrics.
	const more = 16
	awaitMetrics(ctx, t, func() (bool, string) {
		waiting, goroutines := s.Metric("partline_polls_waiting"), s.Metric("go_goroutines")-start
		return waiting == float64(n) && goroutines <= float64(2*n+more),
			fmt.Sprintf("%.0f polls wait, of %d, with %.0f goroutines, which should be two each", waiting, n, goroutines)
	})
	t.Log("polls that wait: ", memoryPerConnection(s, start, n))
	sockets := hold(ctx, t, holder, n, flags("webSockets")...)
	sockets.expect("held")
	if got := s.Metric("partline_connections"); got != float64(2*n) {
		t.Errorf("the server has %.0f connections, want %d", got, 2*n)
	}
	t.Log("with as many WebSockets: ", memoryPerConnection(s, start, 2*n))

	c, err := client.Dial(ctx, s.URL+"/hubs/connected", connected.Hub)
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan string, 1)
	defer client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) { heard <- b.Message })()
	if _, err := client.Call(ctx, c, connected.SendMethod, connected.Send{Name: "One", Message: said}); err != nil {
		t.Fatal(err)
	}
	if got := <-heard; got != said {
		t.Errorf("who says it hears %q", got)
	}
	polls.expect("heard")
	sockets.expect("heard")
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	// They ask again, and the WebSockets are where they were.
	awaitMetrics(ctx, t, func() (bool, string) {
		waiting := s.Metric("partline_polls_waiting")
		return waiting == float64(n), fmt.Sprintf("after the broadcast %.0f polls wait, of %d", waiting, n)
	})
	polls.end()
	sockets.end()
	awaitNothing(ctx, t, s, start)
	if err := s.Stop(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}
