package e2e_test

import (
	"fmt"
	"testing"

	"partline.dev/e2e/chromium"
)

// The hub is killed under two original pages, and started again with its data: the
// pages come back by themselves and go on from now.
func TestOriginal_hubKilled(t *testing.T) {
	t.Parallel()
	script := connectedAppParts(t)
	for _, c := range classicClients {
		t.Run(c.version, func(t *testing.T) {
			a := newApplication(t, c)
			var addresses []string
			for _, name := range []string{"One", "Two"} {
				addresses = append(addresses, a.page("ConnectedPart"+name+".aspx", fmt.Sprintf(originalBody, "Part "+name)+script))
			}
			s := a.start(t, "--data", t.TempDir())
			b := chromium.Start(t, nil)
			one := newOriginalPart(t, b.Open(addresses[0]).Frame, spacesOfDocument0)
			two := newOriginalPart(t, b.Open(addresses[1]).Frame, spacesOfDocument0)
			id := chromium.Eval[string](one.Frame, `$.connection.hub.id`)
			one.say("before")
			lines := []spoken{{"Part One", "before"}}
			one.expect(lines...)
			two.expect(lines...)

			s.Kill()
			const state = `$.connection.hub.state === %d`
			for _, p := range []*originalPart{one, two} {
				p.Wait("the loss", fmt.Sprintf(state, 2))
			}
			s.Restart()
			for _, p := range []*originalPart{one, two} {
				p.Wait("the connection", fmt.Sprintf(state, 1))
			}
			if now := chromium.Eval[string](one.Frame, `$.connection.hub.id`); now != id {
				t.Errorf("the connection is %s, it was %s", now, id)
			}
			for i, p := range []*originalPart{two, one} {
				p.say("after")
				lines = append(lines, spoken{[]string{"Part Two", "Part One"}[i], "after"})
				one.expect(lines...)
				two.expect(lines...)
			}
		})
	}
}
