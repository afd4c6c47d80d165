package e2e_test

import (
	"slices"
	"testing"
	"time"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit"
)

const (
	// cutsOfClassic is how often the links are cut, of all connections together.
	cutsOfClassic = 200

	// cutConnections is how many connections share the cuts.
	cutConnections = 20

	// betweenNumbers keeps what is said while a client waits for its next link,
	// 3 s, well inside the 1,000 messages that are kept.
	betweenNumbers = 20 * time.Millisecond
)

// The npm clients' links are cut at random moments under traffic: no message is
// lost, none comes twice, the order is kept, and so are the groups.
func TestClassic_cutLinks(t *testing.T) {
	t.Parallel()
	cuts := testkit.Sample(t, cutsOfClassic)
	moments := make([][]int, cutConnections)
	for i := range moments {
		moments[i] = []int{} // a list also in JSON
	}
	for i, cut := range cuts {
		which := i % cutConnections
		moments[which] = append(moments[which], cut*7%500)
	}
	for _, c := range classicClients {
		for _, transport := range classicTransports {
			t.Run(c.version+" "+transport.client, func(t *testing.T) {
				n := newNPMSite(t)
				s := runTestServer(t, n)
				w := newWalkers(t, chromium.Start(t, nil), n, c, n.proxiedEach(t, s, cutConnections), transport.client)
				p := &speaker{t: t, s: s}
				stop := p.start(betweenNumbers)
				var heard []int
				w.do(10*time.Minute, &heard, "cut", n.origin, moments)
				stop()
				again := 0
				for _, r := range w.expect(p.last) {
					again += len(slices.DeleteFunc(r.States, func(state string) bool { return state != "reconnecting" }))
				}
				t.Logf("%d cuts, %d reconnects, %d messages to each of %d connections", len(cuts), again, p.last, cutConnections)
				if again < len(cuts) {
					t.Errorf("of %d cuts only %d were noticed", len(cuts), again)
				}
			})
		}
	}
}
