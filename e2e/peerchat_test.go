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

// The living examples of SignalR pages that people bring along, on the demo host
// page: another site than the hub's. Here is what all chats have, and that of
// ASP.NET Core SignalR; those of SignalR 2 are in signalr2_example_test.go.

// Where the chats are on the demo host.
const (
	exampleCore  = "/signalr"
	examplePeers = "/signalr2/peer"
	exampleMVC   = "/signalr2/mvc"
	examplePart  = "/signalr2/parts/one" // which is in a frame of /signalr2/parts
)

var allExamples = []string{exampleCore, examplePeers, exampleMVC, examplePart}

// startExample is a server with the npm clients at hand.
func startExample(t *testing.T, flags ...string) *partline.Server {
	t.Helper()
	for _, client := range [][]string{{"@microsoft", "signalr"}, {"jquery"}, {"signalr"}} {
		fromNPM(t, append(client, "package.json")...)
	}
	npm, err := filepath.Abs(filepath.Join("npm", "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	return partline.Start(t, binary, append([]string{"--dev", "--dev-npm", npm}, flags...)...)
}

// openExample is the page at path, connected.
func openExample(t *testing.T, b *chromium.Browser, s *partline.Server, path string) *chromium.Page {
	t.Helper()
	p := b.Open(s.HostURL + path)
	waitState(p, "Connected")
	return p
}

// waitState waits until a page says in words how its connection is.
func waitState(p *chromium.Page, words string) {
	p.Wait("the words "+words, `document.querySelector("[role=status]")?.textContent === `+quote(words))
}

// waitProblem waits until a page says what went wrong.
func waitProblem(p *chromium.Page, words string) {
	p.Wait("the problem "+words, `document.querySelector("[role=alert]").textContent.includes(`+quote(words)+`)`)
}

// nameThem gives pages their names, by keys alone, and leads each to its box.
func nameThem(t *testing.T, named map[string]*chromium.Page) {
	t.Helper()
	for name, p := range named {
		p.Front()
		p.Find("textbox", "Your name").Click()
		p.Run(`document.querySelector("[name=name]").select()`)
		p.Press(name + kb.Tab)
		if !p.Find("textbox", "Message").Focused() {
			t.Fatal("from the name a tab leads elsewhere")
		}
	}
}

// noComplaints fails the test with what the browser complains of.
func noComplaints(t *testing.T, pages map[string]*chromium.Page) {
	t.Helper()
	for name, p := range pages {
		for _, c := range p.Complaints() {
			t.Errorf("%s's browser complains: %s", name, c)
		}
	}
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
	t.Parallel()
	s := startExample(t)
	b := chromium.Start(t, nil)
	ann, bob := openExample(t, b, s, exampleCore), openExample(t, b, s, exampleCore)
	part := framed(t, ann, titleOne, 0)
	people := map[string]*chromium.Page{"Ann": ann, "Bob": bob}

	nameThem(t, people)
	ann.Front()
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

	noComplaints(t, people)
}

func TestExample_saysThatItIsNotConnectedAndConnectsAgain(t *testing.T) {
	t.Parallel()
	s := startExample(t)
	page := openExample(t, chromium.Start(t, nil), s, exampleCore)
	page.Find("textbox", "Message").Type("kept")
	s.Kill()
	waitState(page, "Not connected")
	if !page.Find("button", "Connect again").Focused() {
		t.Error("who was writing is left without a focus")
	}
	if problem := chromium.Eval[string](page.Frame, `document.querySelector("[role=alert]").textContent`); problem == "" {
		t.Error("it does not say why")
	}
	axe(t, page.Frame, "the example without a connection")
	page.Press(" ")
	waitProblem(page, "Failed to complete negotiation")
	s.Restart()
	page.Find("button", "Connect again").Click()
	waitState(page, "Connected")
	if got := page.Find("textbox", "Message").Value(); got != "kept" {
		t.Errorf("the box holds %q, not what was written", got)
	}
}

func TestExample_axe(t *testing.T) {
	t.Parallel()
	s := startExample(t)
	b := chromium.Start(t, nil)
	for _, path := range allExamples {
		for _, scheme := range []string{"light", "dark"} {
			page, other := openExample(t, b, s, path), openExample(t, b, s, path)
			page.ColorScheme(scheme)
			other.Find("textbox", "Message").Type("w")
			other.Press(kb.Enter + "x")
			page.Wait("the line", `document.querySelectorAll(".chat-log li:not(.chat-typing)").length === 1`)
			axe(t, page.Frame, path+", "+scheme)
			page.Close()
			other.Close()
		}
	}
	without := partline.Start(t, binary, "--dev")
	for _, path := range allExamples {
		page := b.Open(without.HostURL + path)
		if text := page.Text(); page.Has("textbox", "Message") || !chromium.Eval[bool](page.Frame, `document.body.innerText.includes("is not here")`) {
			t.Errorf("without its npm client %s shows\n%s", path, text)
		}
		axe(t, page.Frame, path+" without its npm client")
	}
}

// Nothing of an example is cut off at any width, in either direction.
func TestExample_fitsEveryWidth(t *testing.T) {
	t.Parallel()
	s := startExample(t)
	b := chromium.Start(t, nil)
	pages := map[string]*chromium.Page{}
	type layout struct {
		path      string
		direction string
		width     int
	}
	var all []layout
	for _, path := range allExamples {
		page := openExample(t, b, s, path)
		page.Front()
		page.Find("textbox", "Message").Type("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft")
		page.Press(kb.Enter)
		page.Wait("the line", `document.querySelectorAll(".chat-log li").length === 1`)
		pages[path] = page
		for _, direction := range []string{"ltr", "rtl"} {
			for width := 150; width <= 1200; width += 10 {
				all = append(all, layout{path, direction, width})
			}
		}
	}
	for _, i := range testkit.Sample(t, len(all)) {
		l := all[i]
		page := pages[l.path]
		page.Front()
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
