package e2e_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"partline.dev/e2e/chromium"
)

const (
	// frozenShortly is well within the 30 s that a connection is kept for.
	frozenShortly = 12 * time.Second

	// frozenLong is longer than the 50 s after which a client gives up: what
	// the hub keeps a connection for and the time without a keep-alive.
	frozenLong = 55 * time.Second
)

// A tab is frozen and thawed, over every transport. Shortly: it hears what was said
// meanwhile, and its groups are kept, also if its link was lost. Too long: the
// client gives up, in its own words, and the hub has seen it go.
func TestClassic_frozenTab(t *testing.T) {
	t.Parallel() // it only waits
	for _, c := range classicClients {
		t.Run(c.version, func(t *testing.T) {
			t.Parallel()
			n := newNPMSite(t)
			s := runTestServer(t, n)
			var transports []string
			for _, transport := range classicTransports {
				transports = append(transports, transport.client)
			}
			w := newWalkers(t, chromium.Start(t, nil), n, c, n.proxiedEach(t, s, len(transports)), transports...)
			p := &speaker{t: t, s: s}
			p.say(5)
			w.expect(p.last)

			// Its links stay as they are.
			w.Freeze()
			p.say(20)
			<-time.After(frozenShortly)
			p.say(5)
			w.Thaw()
			w.expect(p.last)

			// Its links are cut.
			w.Freeze()
			p.say(5)
			n.cutEach()
			p.say(20)
			<-time.After(frozenShortly)
			p.say(5)
			w.Thaw()
			w.expect(p.last)
			p.say(5)
			w.expect(p.last)

			w.Freeze()
			n.cutEach()
			<-time.After(frozenLong)
			for i, id := range w.ids {
				if lives := livesOf(t, s, id); !strings.HasPrefix(lives[len(lives)-1], "disconnected: ") {
					t.Errorf("of connection %d over %s the hub has seen %q", i, transports[i], lives)
				}
			}
			w.Thaw()
			w.Wait("all to give up", `report().every((r) => r.states.at(-1) === "disconnected")`)
			for i, r := range chromium.Eval[[]walked](w.Frame, `report()`) {
				gaveUp := func(said string) bool {
					return strings.HasPrefix(said, "The client has been inactive since ") &&
						strings.HasSuffix(said, " and it has exceeded the inactivity timeout of 50000 ms. Stopping the connection.")
				}
				if !slices.ContainsFunc(r.Errors, gaveUp) {
					t.Errorf("connection %d over %s says %q", i, r.Transport, r.Errors)
				}
			}
		})
	}
}
