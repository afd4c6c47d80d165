package e2e_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"partline.dev/e2e/chromium"
)

// ticket mints one for Ann.
func (h *hosted) ticket(t *testing.T) string {
	t.Helper()
	mint := exec.CommandContext(t.Context(), binary, "ticket", "--user", "ann", "--name", "Ann", "--data", filepath.Join(h.Dir, "partline-data"))
	out, err := mint.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// frameOf is a frame with the part One, at that query and fragment.
func frameOf(address string) string {
	return strings.Replace(iframeOne, "/parts/one", "/parts/one"+address, 1)
}

// again loads the part's frame again, and waits until it is connected.
func (p *connectedPart) again() {
	p.t.Helper()
	p.Run(`window.isOld = true; location.reload()`)
	p.Wait("to be connected again", `!window.isOld && `+saysStatus+` === "Connected"`)
}

// A ticket works once, and goes out of the address; the part goes on as who it was,
// also when its frame is loaded again.
func TestTicket_inTheAddressOfAPart(t *testing.T) {
	t.Parallel()
	h := host(t, map[string]string{})
	b := chromium.Start(t, nil)
	for name, address := range map[string][2]string{
		"the fragment":           {"?theme=dark#ticket=TICKET", "?theme=dark"},
		"the query":              {"?Ticket=TICKET&theme=dark#here", "?theme=dark#here"},
		"the query of one alone": {"?ticket=TICKET", ""},
		"both":                   {"?theme=dark&amp;ticket=worse#ticket=TICKET&a=b", "?theme=dark#a=b"},
	} {
		t.Run(name, func(t *testing.T) {
			ticket := h.ticket(t)
			h.pages["/"] = frameOf(strings.Replace(address[0], "TICKET", ticket, 1))
			page := b.Open(h.sites[0] + "/")
			p := framed(t, page, titleOne, 0)
			check := func(line ...string) {
				t.Helper()
				if got, want := chromium.Eval[string](p.Frame, `location.href`), h.URL+"/parts/one"+address[1]; got != want {
					t.Errorf("the address is %s, not %s", got, want)
				}
				if n := chromium.Eval[int](p.Frame, `document.documentElement.outerHTML.indexOf("pt1.")`); n >= 0 {
					t.Error("the ticket is in the page")
				}
				if stored := chromium.Eval[string](p.Frame, `JSON.stringify([history.state, {...localStorage}, {...sessionStorage}])`); strings.Contains(stored, ticket) {
					t.Errorf("the ticket is kept: %s", stored)
				}
				p.say("hello")
				p.expect(line...)
			}
			const line = "Ann · " + speaksOne + ": hello"
			check(line)
			p.again()
			check(line)

			// The host's page loaded again has the ticket in it again.
			page.Reload()
			p = framed(t, page, titleOne, 0)
			check(line)

			// Elsewhere it is spent.
			other := &connectedPart{b.Open(h.sites[0]+"/").Inside(titleOne, 0), t}
			other.Wait("the reason", `document.body?.innerText.includes("This link has been used already")`)
			if strings.Contains(h.Log(), ticket) {
				t.Error("the ticket is in the log")
			}
		})
	}
}

// Where nothing is kept, a frame that is loaded again does not become a guest.
func TestTicket_storageBlocked(t *testing.T) {
	t.Parallel()
	h := host(t, map[string]string{})
	h.pages["/"] = frameOf("#ticket=" + h.ticket(t))
	p := framed(t, chromium.Start(t, &chromium.Options{BlockStorage: true}).Open(h.sites[0]+"/"), titleOne, 0)
	p.say("hello")
	p.expect("Ann · " + speaksOne + ": hello")
	p.Run(`window.isOld = true; location.reload()`)
	p.Wait("the reason", `!window.isOld && document.body?.innerText.includes("This link has been used already")`)
}
