package e2e_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit/partline"
	"partline.dev/shared/connected"
)

// violation is a rule of axe that a page breaks, and where.
type violation struct {
	ID    string   `json:"id"`
	Help  string   `json:"help"`
	Nodes []string `json:"nodes"`
}

// axe runs all its rules on what a frame shows now.
func axe(t *testing.T, f *chromium.Frame, name string) {
	t.Helper()
	f.Run(fromNPM(t, "axe-core", "axe.min.js") + "; 0")
	found := chromium.Eval[[]violation](f, `axe.run().then(r => r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.map(n => n.html)})))`)
	for _, v := range found {
		t.Errorf("%s: axe finds %s (%s) in %q", name, v.ID, v.Help, v.Nodes)
	}
}

func TestAccessibility_axe(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary, "--dev")
	b := chromium.Start(t, nil)
	for _, scheme := range []string{"light", "dark"} {
		list := b.Open(s.URL + "/")
		list.ColorScheme(scheme)
		axe(t, list.Frame, "the list of parts, "+scheme)

		page := b.Open(s.URL + "/parts/one")
		page.ColorScheme(scheme)
		part := top(t, page)
		axe(t, part.Frame, "an empty part, "+scheme)
		part.say("a line")
		part.waitLine(speaksOne + ": a line")
		axe(t, part.Frame, "a part with a line, "+scheme)
	}
	for _, theme := range []string{"light", "dark", "contrast"} {
		for _, lang := range []string{"en", "ar"} {
			page := b.Open(fmt.Sprintf("%s/parts/two?theme=%s&lang=%s", s.URL, theme, lang))
			page.Wait("the part", `document.querySelector("[role=log]") !== null && !document.querySelector("input").disabled`)
			axe(t, page.Frame, "a part in "+theme+" and "+lang)
		}
	}
	page := b.Open(s.HostURL)
	framed(t, page, titleOne, 0)
	two := framed(t, page, titleTwo, 0)
	axe(t, two.Frame, "a part in a frame")
	axe(t, page.Frame, "the demo host page")
	s.Kill()
	two.waitStatus(saysReconnecting)
	two.say("lost")
	two.problem(saysNotConnected)
	axe(t, two.Frame, "a part without a connection")
}

// Everything is done by keys, from a host page through both parts and out
// again.
func TestAccessibility_keyboardAlone(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary, "--dev")
	page := chromium.Start(t, nil).Open(s.HostURL)
	page.Size(1200, 800)
	one, two := framed(t, page, titleOne, 0), framed(t, page, titleTwo, 0)

	one.tabTo("textbox", "Message")
	page.Press("by keys" + kb.Enter)
	one.expect(speaksOne + ": by keys")
	one.tabTo("button", "Send")
	two.tabTo("textbox", "Message")
	page.Press("and back")
	two.tabTo("button", "Send")
	page.Press(" ")
	two.expect(speaksOne+": by keys", speaksTwo+": and back")
	one.expect(speaksOne+": by keys", speaksTwo+": and back")

	// Neither part holds the keyboard.
	const most = 20
	for range most {
		page.Press(kb.Tab)
		if chromium.Eval[bool](page.Frame, `document.activeElement.localName !== "iframe"`) {
			return
		}
	}
	t.Errorf("%d tabs do not lead out of the parts", most)
}

func TestAccessibility_focusAtTheStart(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary, "--dev")
	b := chromium.Start(t, nil)
	part := top(t, b.Open(s.URL+"/parts/one"))
	if !part.box().Focused() {
		t.Error("a part that is the page does not begin with the focus in its box")
	}

	page := b.Open(s.HostURL)
	one, two := framed(t, page, titleOne, 0), framed(t, page, titleTwo, 0)
	for _, p := range []*connectedPart{one, two} {
		if p.box().Focused() || chromium.Eval[bool](p.Frame, `document.hasFocus()`) {
			t.Error("a part in a frame took the focus from its host page")
		}
	}
	if at := chromium.Eval[string](page.Frame, `document.activeElement.localName`); at != "body" {
		t.Errorf("the host page's focus is in %s", at)
	}
}

// A line that arrives leaves the keyboard and what is being typed alone.
func TestAccessibility_linesLeaveTheFocus(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary, "--dev")
	page := chromium.Start(t, nil).Open(s.HostURL + everyonePage)
	one, two := framed(t, page, titleOne, 0), framed(t, page, titleTwo, 0)
	two.box().Type("half a wo")
	send(t, s, connected.Send{Name: "Elsewhere", Message: "a line"})
	one.expect("Elsewhere: a line")
	two.expect("Elsewhere: a line")
	two.Press("rd")
	if got := two.box().Value(); got != "half a word" || !two.box().Focused() {
		t.Errorf("after a line arrived the box holds %q", got)
	}
}
