package e2e_test

import (
	"encoding/json"
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
	cuts := testkit.Sample(t, cutsOfStateful)
	moments, err := json.Marshal(cuts)
	if err != nil {
		t.Fatal(err)
	}
	for _, protocol := range []string{"json", "messagepack"} {
		t.Run(protocol, func(t *testing.T) {
			n := newNPMSite(t)
			base := startTestServer(t, n)
			var got struct {
				Cuts, Called, Answered, Pushed int
				SameID                         bool
				Group                          string
			}
			runNPMScript(t, &got, 10*time.Minute, "stateful.mjs",
				place{Base: base, Control: n.origin, Path: "/testhub", Transport: "WebSockets", Protocol: protocol},
				string(moments))
			if got.Cuts != len(cuts) || got.Called < len(cuts) || got.Answered != got.Called || got.Pushed != got.Called {
				t.Errorf("of %d cuts: %+v", len(cuts), got)
			}
			if !got.SameID || got.Group != "still in it" {
				t.Errorf("the connection is another: %+v", got)
			}
		})
	}
}
