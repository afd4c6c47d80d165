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

// Tabs are frozen and thawed, with connections over every transport. Shortly: they
// hear what was said meanwhile, and their groups are kept, also if their links were
// lost. Too long: the clients give up, in their own words, and the hub has seen them
// go.
func TestClassic_frozenTab(t *testing.T) {
	t.Parallel() // it only waits
	var tabs []*frozenTab
	b := chromium.Start(t, nil)
	for _, c := range classicClients {
		tabs = append(tabs, newFrozenTab(t, b, c))
	}
	each := func(do func(*frozenTab)) {
		for _, tab := range tabs {
			do(tab)
		}
	}
	each(func(f *frozenTab) { f.hears(5) })

	// Their links stay as they are.
	each(func(f *frozenTab) { f.Freeze(); f.say(20) })
	<-time.After(frozenShortly)
	each(func(f *frozenTab) { f.say(5); f.Thaw(); f.hears(5) })

	// Their links are cut.
	each(func(f *frozenTab) { f.Freeze(); f.say(5); f.site.cutEach(); f.say(20) })
	<-time.After(frozenShortly)
	each(func(f *frozenTab) { f.say(5); f.Thaw(); f.hears(5) })

	each(func(f *frozenTab) { f.Freeze(); f.site.cutEach() })
	<-time.After(frozenLong)
	each(func(f *frozenTab) { f.isGone(); f.Thaw(); f.givesUp() })
}

// frozenTab is a page of a client, and who speaks to it.
type frozenTab struct {
	*walkers
	speaker
}

func newFrozenTab(t *testing.T, b *chromium.Browser, c classicClient) *frozenTab {
	t.Helper()
	n := newNPMSite(t)
	s := runTestServer(t, n)
	var transports []string
	for _, transport := range classicTransports {
		transports = append(transports, transport.client)
	}
	w := newWalkers(t, b, n, c, n.proxiedEach(t, s, len(transports)), transports...)
	return &frozenTab{w, speaker{t: t, s: s}}
}

// hears says more, and expects that all was heard.
func (f *frozenTab) hears(count int) {
	f.say(count)
	f.expect(f.last)
}

// isGone expects that the hub has seen the connections go.
func (f *frozenTab) isGone() {
	t := f.walkers.t
	t.Helper()
	for _, id := range f.ids {
		if lives := livesOf(t, f.s, id); !strings.HasPrefix(lives[len(lives)-1], "disconnected: ") {
			t.Errorf("of connection %s the hub has seen %q", id, lives)
		}
	}
}

// givesUp waits until the clients give up, and expects their own words for it.
func (f *frozenTab) givesUp() {
	t := f.walkers.t
	t.Helper()
	f.Wait("all to give up", `report().every((r) => r.states.at(-1) === "disconnected")`)
	words := func(said string) bool {
		return strings.HasPrefix(said, "The client has been inactive since ") &&
			strings.HasSuffix(said, " and it has exceeded the inactivity timeout of 50000 ms. Stopping the connection.")
	}
	for i, r := range chromium.Eval[[]walked](f.Frame, `report()`) {
		if !slices.ContainsFunc(r.Errors, words) {
			t.Errorf("connection %d over %s says %q", i, r.Transport, r.Errors)
		}
	}
}
