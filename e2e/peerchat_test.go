package e2e_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit"
	"partline.dev/internal/testkit/partline"
)

// The living example of a SignalR page that people bring along, on the demo host
// page: another site than the hub's.

// startExample is a server with the npm clients at hand.
func startExample(t *testing.T) *partline.Server {
	t.Helper()
	for _, client := range [][]string{{"@microsoft", "signalr"}, {"jquery"}, {"signalr"}} {
		fromNPM(t, append(client, "package.json")...)
	}
	npm, err := filepath.Abs(filepath.Join("npm", "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	return partline.Start(t, binary, "--dev", "--dev-npm", npm)
}

// openExample is the page, connected.
func openExample(t *testing.T, b *chromium.Browser, s *partline.Server) *chromium.Page {
	t.Helper()
	p := b.Open(s.HostURL + "/signalr")
	p.Wait("the connection", `document.querySelector("[role=status]")?.textContent === "Connected"`)
	return p
}

// lines are what the chat of a page shows.
func lines(p *chromium.Page) []string {
	return chromium.Eval[[]string](p.Frame, `[...document.querySelectorAll(".chat-log li")].map(l => l.innerText)`)
}

func waitLines(t *testing.T, p *chromium.Page, want ...string) {
	t.Helper()
	p.Wait("the line", fmt.Sprintf(`document.querySelectorAll(".chat-log li").length === %d && document.querySelector(".chat-log li:last-child").innerText === %q`, len(want), want[len(want)-1]))
	if got := lines(p); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the chat shows %q, want %q", got, want)
	}
}

func TestExample_chat(t *testing.T) {
	s := startExample(t)
	b := chromium.Start(t, nil)
	ann, bob := openExample(t, b, s), openExample(t, b, s)
	part := framed(t, ann, titleOne, 0)

	// By keys alone.
	for p, name := range map[*chromium.Page]string{ann: "Ann", bob: "Bob"} {
		p.Front()
		p.Find("textbox", "Your name").Click()
		p.Press(kb.End)
		p.Run(`document.querySelector("[name=name]").select()`)
		p.Press(name + kb.Tab)
	}
	ann.Front()
	if !ann.Find("textbox", "Message").Focused() {
		t.Fatal("from the name a tab leads elsewhere")
	}
	ann.Press("hello")
	waitLines(t, bob, "Ann is typing …")
	ann.Press(kb.Enter)
	waitLines(t, ann, "Ann hello")
	waitLines(t, bob, "Ann hello")
	ann.Press("again" + kb.Tab)
	waitLines(t, bob, "Ann hello", "Ann is typing …")
	ann.Press(" ")
	waitLines(t, bob, "Ann hello", "Ann again")

	bob.Front()
	bob.Press("<b>not bold</b>" + kb.Enter)
	waitLines(t, ann, "Ann hello", "Ann again", "Bob <b>not bold</b>")

	// The part beside it is of another hub.
	part.say("in the part")
	part.expect(speaksOne + ": in the part")
	waitLines(t, ann, "Ann hello", "Ann again", "Bob <b>not bold</b>")

	for name, p := range map[string]*chromium.Page{"Ann": ann, "Bob": bob} {
		for _, c := range p.Complaints() {
			t.Errorf("%s's browser complains: %s", name, c)
		}
	}
}

func TestExample_saysThatItIsNotConnectedAndConnectsAgain(t *testing.T) {
	s := startExample(t)
	page := openExample(t, chromium.Start(t, nil), s)
	page.Find("textbox", "Message").Type("kept")
	s.Kill()
	page.Wait("the loss", `document.querySelector("[role=status]").textContent === "Not connected"`)
	if !page.Find("button", "Connect again").Focused() {
		t.Error("who was writing is left without a focus")
	}
	if problem := chromium.Eval[string](page.Frame, `document.querySelector("[role=alert]").textContent`); problem == "" {
		t.Error("it does not say why")
	}
	axe(t, page.Frame, "the example without a connection")
	page.Press(" ")
	page.Wait("a second failure", `document.querySelector("[role=alert]").textContent.includes("Failed to complete negotiation")`)
	s.Restart()
	page.Find("button", "Connect again").Click()
	page.Wait("the connection", `document.querySelector("[role=status]").textContent === "Connected"`)
	if got := page.Find("textbox", "Message").Value(); got != "kept" {
		t.Errorf("the box holds %q, not what was written", got)
	}
}

func TestExample_axe(t *testing.T) {
	s := startExample(t)
	b := chromium.Start(t, nil)
	for _, scheme := range []string{"light", "dark"} {
		page, other := openExample(t, b, s), openExample(t, b, s)
		page.ColorScheme(scheme)
		other.Find("textbox", "Message").Type("w")
		page.Wait("the line", `document.querySelectorAll(".chat-log li").length === 1`)
		other.Press(kb.Enter + "x")
		page.Wait("the lines", `document.querySelectorAll(".chat-log li").length === 2`)
		axe(t, page.Frame, "the example, "+scheme)
	}
	without := partline.Start(t, binary, "--dev")
	page := b.Open(without.HostURL + "/signalr")
	if text := page.Text(); page.Has("textbox", "Message") || !chromium.Eval[bool](page.Frame, `document.body.innerText.includes("is not here")`) {
		t.Errorf("without the npm client the example shows\n%s", text)
	}
	axe(t, page.Frame, "the example without the npm client")
}

// Nothing of the example is cut off at any width, in either direction.
func TestExample_fitsEveryWidth(t *testing.T) {
	s := startExample(t)
	page := openExample(t, chromium.Start(t, nil), s)
	page.Find("textbox", "Message").Type("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft")
	page.Press(kb.Enter)
	type layout struct {
		direction string
		width     int
	}
	var all []layout
	for _, direction := range []string{"ltr", "rtl"} {
		for width := 150; width <= 1200; width += 10 {
			all = append(all, layout{direction, width})
		}
	}
	for _, i := range testkit.Sample(t, len(all)) {
		l := all[i]
		page.Size(l.width, 600)
		page.Run(fmt.Sprintf(`document.documentElement.dir = %q`, l.direction))
		if got := chromium.Eval[int](page.Frame, `document.documentElement.scrollWidth`); got > l.width {
			t.Errorf("%+v: the page is %d pixels wide", l, got)
		}
		outside := chromium.Eval[[]string](page.Frame, `[...document.querySelectorAll(".chat input, .chat button:not([hidden]), .chat li, .chat a, h1")]
			.filter(e => { const r = e.getBoundingClientRect(); return r.left < -1 || r.right > innerWidth + 1 || e.localName === "button" && r.height < 24 })
			.map(e => e.outerHTML)`)
		if len(outside) > 0 {
			t.Errorf("%+v: outside, or too small, are %q", l, outside)
		}
	}
}
