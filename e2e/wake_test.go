package e2e_test

import (
	"testing"
	"time"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit/partline"
)

// A part that is told little has nothing to wake it but its own timers. When one
// was overlooked (see load.js) the part said for 15 s that it connects.
func TestPart_wakesByItsOwnTimers(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary, "--transports", "ServerSentEvents")
	b := chromium.Start(t, nil)
	for i := range 8 {
		begun := time.Now()
		page := b.Open(s.URL + "/parts/one")
		top(t, page)
		if took := time.Since(begun); took > 14*time.Second {
			t.Errorf("load %d was connected after %v", i, took)
		}
		page.Close()
	}
}
