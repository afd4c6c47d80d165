package e2e_test

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"partline.dev/internal/testkit"
)

// cutsOfStateful is how often a connection with stateful reconnect is cut.
const cutsOfStateful = 1000

// The npm client's socket is cut at random moments under traffic both ways: every
// message arrives once and in order, and the connection stays what it was.
func TestStateful_npmClient(t *testing.T) {
	t.Parallel()
	cuts := len(testkit.Sample(t, cutsOfStateful))
	for _, protocol := range []string{"json", "messagepack"} {
		t.Run(protocol, func(t *testing.T) {
			n := newNPMSite(t)
			base := startTestServer(t, n)
			seed := rand.Uint32()
			t.Logf("sample: of the moments, seed %d", seed)
			var got struct {
				Cuts, Called, Answered, Pushed int
				SameID                         bool
				Group                          string
			}
			runNPMScript(t, &got, 10*time.Minute, "stateful.mjs",
				place{Base: base, Control: n.origin, Path: "/testhub", Transport: "WebSockets", Protocol: protocol},
				strconv.Itoa(cuts), strconv.FormatUint(uint64(seed), 10))
			if got.Cuts != cuts || got.Called < cuts || got.Answered != got.Called || got.Pushed != got.Called {
				t.Errorf("of %d cuts: %+v", cuts, got)
			}
			if !got.SameID || got.Group != "still in it" {
				t.Errorf("the connection is another: %+v", got)
			}
		})
	}
}
