package e2e_test

import (
	"context"
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"partline.dev/internal/process"
	"partline.dev/internal/testkit"
)

// A push inside a method is heard before the method's answer, and nothing is out
// of order, over every transport.
func TestNPM_order(t *testing.T) {
	t.Parallel()
	const messages = 100_000
	count := len(testkit.Sample(t, messages))
	n := newNPMSite(t)
	base := startTestServer(t, n)
	for _, c := range []struct{ transport, protocol string }{
		{"WebSockets", "json"},
		{"WebSockets", "messagepack"},
		{"ServerSentEvents", "json"},
		{"LongPolling", "json"},
		{"LongPolling", "messagepack"},
	} {
		t.Run(c.transport+" "+c.protocol, func(t *testing.T) {
			var got, want struct{ Pushed, Answered int }
			want.Pushed, want.Answered = count, count
			runNPMScript(t, &got, 10*time.Minute, "order.mjs",
				place{Base: base, Path: "/testhub", Transport: c.transport, Protocol: c.protocol}, strconv.Itoa(count))
			if got != want {
				t.Errorf("it has heard %+v, want %+v", got, want)
			}
		})
	}
}

// runNPMScript runs a script of npm/ in Node at a place, and reads what it says
// at its end.
func runNPMScript(t *testing.T, report any, guard time.Duration, script string, at place, args ...string) {
	t.Helper()
	argument, err := json.Marshal(at)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), guard)
	defer cancel()
	cmd := process.Command(ctx, time.Second, "node", append([]string{script, string(argument)}, args...)...)
	cmd.Dir, cmd.Stderr = "npm", t.Output()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s ended with %v", script, err)
	}
	if err := json.Unmarshal(out, report); err != nil {
		t.Fatalf("%s says %q: %v", script, out, err)
	}
}
