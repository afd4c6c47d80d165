package e2e_test

import (
	"strings"
	"testing"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit/partline"
)

func TestInstall_chromiumReportsNoError(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary)
	b := chromium.Start(t, nil)
	for _, path := range []string{"/", "/parts/one", "/parts/two"} {
		page := b.Open(s.URL + path)
		page.WaitForWorker()
		if wrong := page.InstallabilityErrors(); len(wrong) > 0 {
			t.Errorf("%s cannot be installed: %q", path, wrong)
		}
	}
}

// The installed app is opened while the hub is down.
func TestInstall_opensWithTheHubDown(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary)
	b := chromium.Start(t, nil)
	b.Open(s.URL + "/").WaitForWorker()
	s.Kill()
	for _, path := range []string{"/", "/parts/one"} {
		page := b.Open(s.URL + path)
		if got := page.Find("status", "").Text(); !strings.Contains(got, "The hub cannot be reached") {
			t.Errorf("with the hub down %s says %q", path, got)
		}
		if !page.Has("link", "Try again") {
			t.Errorf("with the hub down %s offers no second try", path)
		}
	}
	// It opens by itself when the hub is back.
	page := b.Open(s.URL + "/parts/one")
	s.Restart()
	top(t, page)
}

// What a page of the app shows while the hub is down is what it had.
func TestInstall_openPartKeepsItsLines(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary)
	part := top(t, chromium.Start(t, nil).Open(s.URL+"/parts/one"))
	part.say("before")
	part.expect(speaksOne + ": before")
	s.Kill()
	part.waitStatus(saysReconnecting)
	if got := part.lines(); len(got) != 1 {
		t.Errorf("with the hub down the log has the lines %q", got)
	}
}
