package e2e_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit/partline"
)

// Steps 9 and 10 of the document that this product comes from, word for word.
const hello = "Hello World from App Part 1"

func TestConnected_steps9And10(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary, "--dev")
	steps9And10(t, chromium.Start(t, nil).Open(s.HostURL))
}

// steps9And10 are those of the document, on a page with both parts.
func steps9And10(t *testing.T, page *chromium.Page) {
	t.Helper()
	one, two := framed(t, page, titleOne, 0), framed(t, page, titleTwo, 0)

	// 9. In Connected Part - One, enter Hello World from App Part 1, and then
	// choose Send.
	one.box().Type(hello)
	one.Find("button", "Send").Click()

	// 10. Verify that the message Hello World from App Part 1 appears in both
	// Connected Part - One and Connected Part - Two app parts.
	one.expect(speaksOne + ": " + hello)
	two.expect(speaksOne + ": " + hello)

	one.waitEmpty()
	if !one.box().Focused() {
		t.Error("after a send the box does not keep the focus")
	}
}

func TestConnected_theOtherWayRound(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary, "--dev")
	theOtherWayRound(t, chromium.Start(t, nil).Open(s.HostURL))
}

// theOtherWayRound begins with the second of the two parts on a page.
func theOtherWayRound(t *testing.T, page *chromium.Page) {
	t.Helper()
	one, two := framed(t, page, titleOne, 0), framed(t, page, titleTwo, 0)
	two.box().Type("Hello World from App Part 2")
	two.Press(kb.Enter)
	lines := []string{speaksTwo + ": Hello World from App Part 2"}
	one.expect(lines...)
	two.expect(lines...)
	one.say("and back")
	lines = append(lines, speaksOne+": and back")
	one.expect(lines...)
	two.expect(lines...)
}

// The picture of the second document: two pages, one part each, in two browser
// processes.
func TestConnected_twoHostPagesInTwoBrowsers(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary, "--dev")
	one := framed(t, chromium.Start(t, nil).Open(s.HostURL+"/one"), titleOne, 0)
	two := framed(t, chromium.Start(t, nil).Open(s.HostURL+"/two"), titleTwo, 0)
	one.say(hello)
	one.expect(speaksOne + ": " + hello)
	two.expect(speaksOne + ": " + hello)
}

// A second profile shares nothing with the first: it hears all the same.
func TestConnected_secondProfile(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary, "--dev")
	first := chromium.Start(t, nil).Open(s.HostURL + everyonePage)
	second := chromium.Start(t, nil).Open(s.HostURL + everyonePage)
	one, two := framed(t, first, titleOne, 0), framed(t, second, titleTwo, 0)
	all := []*connectedPart{one, framed(t, first, titleTwo, 0), framed(t, second, titleOne, 0), two}
	one.say("from the first profile")
	for _, p := range all {
		p.expect(speaksOne + ": from the first profile")
	}
	two.say("from the second profile")
	for _, p := range all {
		p.expect(speaksOne+": from the first profile", speaksTwo+": from the second profile")
	}
}

func TestConnected_twoCopiesOfOne(t *testing.T) {
	t.Parallel()
	pages := map[string]string{}
	host := site(t, pages)
	s := partline.Start(t, binary, "--allow-host", host)
	frame := `<iframe title="` + titleOne + `" width=400 height=250 src="` + s.URL + `/parts/one"></iframe>`
	pages["/"] = `<!doctype html><title>Copies</title>` + frame + frame

	page := chromium.Start(t, nil).Open(host + "/")
	left, right := framed(t, page, titleOne, 0), framed(t, page, titleOne, 1)
	left.say("left")
	left.expect(speaksOne + ": left")
	right.expect(speaksOne + ": left")
	right.say("right")
	left.expect(speaksOne+": left", speaksOne+": right")
	right.expect(speaksOne+": left", speaksOne+": right")
}

// A part property sets the name that it speaks under.
func TestConnected_nameProperty(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary)
	b := chromium.Start(t, nil)
	reception := top(t, b.Open(s.URL+"/parts/one"+forEveryone+"&name=Reception"))
	other := top(t, b.Open(s.URL+"/parts/two"+forEveryone))
	reception.say("good morning")
	reception.expect("Reception: good morning")
	other.expect("Reception: good morning")
}

// Nothing is sent that says nothing.
func TestConnected_emptyTextIsNotSent(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary)
	p := top(t, chromium.Start(t, nil).Open(s.URL+"/parts/one"))
	p.box().Click()
	p.Press(kb.Enter)
	p.box().Type("   ")
	p.Press(kb.Enter)
	p.box().Type("something")
	p.Press(kb.Enter)
	// White space around a text is the writer's.
	p.expect(speaksOne + ":    something")
	p.waitEmpty()
}
