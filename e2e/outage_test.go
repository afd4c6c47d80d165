package e2e_test

import (
	"testing"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit/partline"
)

const (
	saysReconnecting = "Connection lost. Reconnecting…"
	saysNotConfirmed = "Not confirmed"
	saysNotConnected = "Not sent"
)

func TestOutage_bothPartsSaySoAndComeBack(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary, "--dev")
	page := chromium.Start(t, nil).Open(s.HostURL)
	one, two := framed(t, page, titleOne, 0), framed(t, page, titleTwo, 0)
	one.box().Type("typed before")
	two.box().Type("typed in two")

	s.Kill()
	one.waitStatus(saysReconnecting)
	two.waitStatus(saysReconnecting)

	// What is tried meanwhile is refused in words, and nothing is lost.
	one.Find("button", "Send").Click()
	one.problem(saysNotConnected)
	for part, want := range map[*connectedPart]string{one: "typed before", two: "typed in two"} {
		if got := part.box().Value(); got != want {
			t.Errorf("during the outage the box holds %q, want %q", got, want)
		}
	}

	s.Restart()
	one.waitStatus("Connected")
	two.waitStatus("Connected")
	one.Find("button", "Send").Click()
	one.expect(speaksOne + ": typed before")
	two.expect(speaksOne + ": typed before")
	one.waitEmpty()
	if got := two.box().Value(); got != "typed in two" {
		t.Errorf("after the outage the box holds %q", got)
	}
}

// A call whose answer never came may have been done or not, and the part says
// just that.
func TestOutage_callInFlight(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary, "--dev")
	page := chromium.Start(t, nil).Open(s.HostURL)
	one, two := framed(t, page, titleOne, 0), framed(t, page, titleTwo, 0)

	s.Freeze()
	one.say("in flight")
	one.Wait("the call to be on its way", `document.querySelector("button[aria-disabled=true]") !== null`)
	s.Kill()

	one.problem(saysNotConfirmed)
	if got := one.box().Value(); got != "in flight" {
		t.Errorf("after a call that was not confirmed the box holds %q", got)
	}
	s.Restart()
	one.waitStatus("Connected")
	two.waitStatus("Connected")
	one.Find("button", "Send").Click()
	one.expect(speaksOne + ": in flight")
	two.expect(speaksOne + ": in flight")
	one.waitEmpty()
}
