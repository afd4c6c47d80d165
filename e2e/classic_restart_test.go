package e2e_test

import (
	"slices"
	"testing"

	"partline.dev/e2e/chromium"
)

// The hub is killed, and started again with the same keys: the same pages connect
// again with their tokens, are in their groups, and go on from now.
func TestClassic_hubKilled(t *testing.T) {
	t.Parallel()
	for _, c := range classicClients {
		t.Run(c.version, func(t *testing.T) {
			n := newNPMSite(t)
			s := runTestServer(t, n, "--data", t.TempDir())
			var transports []string
			for _, transport := range classicTransports {
				transports = append(transports, transport.client)
			}
			w := newWalkers(t, chromium.Start(t, nil), n, c, n.proxiedEach(t, s, len(transports)), transports...)
			p := &speaker{t: t, s: s}
			p.say(5)
			w.expect(p.last)

			s.Kill()
			w.Wait("all to notice", `report().every((r) => r.states.at(-1) === "reconnecting")`)
			s.Restart()
			w.Wait("all to be back", `report().every((r) => r.states.at(-1) === "connected")`)
			for i, id := range w.ids {
				// What its hub knew before is gone with it.
				if lives := livesOf(t, s, id); !slices.Equal(lives, []string{"reconnected"}) {
					t.Errorf("of connection %d over %s the hub has seen %q", i, transports[i], lives)
				}
			}
			p.say(20)
			w.expect(p.last)
		})
	}
}
