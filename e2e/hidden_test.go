package e2e_test

import (
	"testing"
	"time"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit/partline"
)

// hiddenFor is how long the tab is hidden at least: long past the time after which both
// ends take a silent peer for dead.
const hiddenFor = 3 * time.Minute

// Browsers slow the timers of hidden tabs down, and a client that sends its
// keep-alive from one is then taken for dead.
func TestHidden_tabStaysConnected(t *testing.T) {
	s := partline.Start(t, binary)
	b := chromium.Start(t, nil)
	page := b.Open(s.URL + "/parts/one" + forEveryone)
	part := top(t, page)
	part.Run(`window.changes = []
		new MutationObserver(() => changes.push(document.querySelector("[role=status]").innerText))
			.observe(document.querySelector("[role=status]"), {subtree: true, childList: true, characterData: true})`)
	front := top(t, b.OpenBehind(s.URL+"/parts/two"+forEveryone))
	part.Wait("the tab to be hidden", `document.visibilityState === "hidden"`)
	shown := time.After(hiddenFor)

	t.Parallel() // the tests that run alone do so while the tab is hidden
	<-shown

	if state := chromium.Eval[string](part.Frame, `document.visibilityState`); state != "hidden" {
		t.Fatalf("the tab is %s", state)
	}
	front.say("are you there?")
	part.expect(speaksTwo + ": are you there?")
	if changes := chromium.Eval[[]string](part.Frame, `changes`); len(changes) > 0 {
		t.Errorf("while the tab was hidden its status changed: %q", changes)
	}
}
