package e2e_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit/partline"
	"partline.dev/shared/connected"
	client "partline.dev/wasmclient"
)

// The titles of the built-in parts, and the names under which they speak.
const (
	titleOne, speaksOne = "Connected Part - One", "Part One"
	titleTwo, speaksTwo = "Connected Part - Two", "Part Two"
)

// By itself a part is heard on its own page only. This is what its address ends in
// where other pages, programs and SignalR clients shall hear it too, and where the
// demo host has such parts.
const (
	forEveryone  = "?scope=tenant"
	everyonePage = "/everyone"
)

// connectedPart is one of the two built-in parts, as a person sees it.
type connectedPart struct {
	*chromium.Frame
	t *testing.T
}

// framed is the nth part of the title on a host page, once it is connected, and known
// to the hub as a part of the same page as all others that are there.
func framed(t *testing.T, page *chromium.Page, title string, n int) *connectedPart {
	t.Helper()
	p := &connectedPart{page.Inside(title, n), t}
	p.waitStatus("Connected")
	p.Wait("the other parts of the page", `(() => {
		const marks = [...Array(parent.length).keys()].map(i => {
			try { return parent[i].document.querySelector(".part").dataset.page } catch { return "" }
		})
		return !!document.querySelector(".part").dataset.page && new Set(marks.filter(Boolean)).size === 1
	})()`)
	return p
}

// top is the part that is the page itself, once it is connected.
func top(t *testing.T, page *chromium.Page) *connectedPart {
	t.Helper()
	p := &connectedPart{page.Frame, t}
	p.waitStatus("Connected")
	return p
}

// waitStatus waits until the part says in words how its connection is.
func (p *connectedPart) waitStatus(words string) {
	p.t.Helper()
	p.Wait("the status "+words, saysStatus+` === `+quote(words))
}

// saysStatus is what a part says of its connection, but for the transport, which
// comes behind.
const saysStatus = `document.querySelector("[role=status] .status-words")?.firstChild.textContent`

// waitWay waits until the part says in words over which transport it is connected.
func (p *connectedPart) waitWay(words string) {
	p.t.Helper()
	p.Wait("the words "+words, `document.querySelector("[role=status] .status-way")?.innerText.trim() === `+quote(words))
}

// box is where a person writes.
func (p *connectedPart) box() *chromium.Element {
	p.t.Helper()
	return p.Find("textbox", "Message")
}

// tabTo presses Tab until the keyboard is at the part's element with the role and name.
func (p *connectedPart) tabTo(role, name string) {
	p.t.Helper()
	const most = 40 // stops on the whole page
	for range most {
		if chromium.Eval[bool](p.Frame, `document.hasFocus()`) && p.Find(role, name).Focused() {
			return
		}
		p.Press(kb.Tab)
	}
	p.t.Fatalf("%d tabs do not lead to the %s %q", most, role, name)
}

// say writes a text and chooses Send.
func (p *connectedPart) say(text string) {
	p.t.Helper()
	p.box().Type(text)
	p.Find("button", "Send").Click()
}

// lines are what the log shows, oldest first, character by character.
func (p *connectedPart) lines() []string {
	p.t.Helper()
	return chromium.Eval[[]string](p.Frame, `[...document.querySelectorAll("[role=log] li")].map(e => e.textContent)`)
}

// waitLine waits until the log shows the line.
func (p *connectedPart) waitLine(line string) {
	p.t.Helper()
	p.Wait("the line "+line, `[...document.querySelectorAll("[role=log] li")].some(e => e.textContent === `+quote(line)+`)`)
}

// expect waits for the last line and expects exactly these, each once and in
// this order. Lines of one sender keep their order, so a line that came twice
// would be there before the last.
func (p *connectedPart) expect(lines ...string) {
	p.t.Helper()
	p.waitLine(lines[len(lines)-1])
	got := p.lines()
	for i := range min(len(got), len(lines)) {
		if got[i] != lines[i] {
			p.t.Errorf("line %d of the log is %q, want %q", i, got[i], lines[i])
		}
	}
	if len(got) != len(lines) {
		p.t.Errorf("the log has %d lines, want %d: %q", len(got), len(lines), got)
	}
}

// waitEmpty waits until the box is empty, as it is after a send that the hub
// has accepted.
func (p *connectedPart) waitEmpty() {
	p.t.Helper()
	p.Wait("an empty box", `document.querySelector("input").value === ""`)
}

// problem waits for the reason why something was not done, and expects it to
// contain the words.
func (p *connectedPart) problem(words string) {
	p.t.Helper()
	p.Wait("the reason "+words, `[...document.querySelectorAll("[role=alert]")].some(e => e.textContent.includes(`+quote(words)+`))`)
}

// send sends lines from a Go program, one after the other.
func send(t *testing.T, s *partline.Server, lines ...connected.Send) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := client.Dial(ctx, s.URL+"/hubs/"+connected.Hub.Name(), connected.Hub, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	client.On(c, connected.BroadcastMessage, func(connected.Broadcast) {}) // it hears itself
	for _, line := range lines {
		if _, err := client.Call(ctx, c, connected.SendMethod, line); err != nil {
			t.Fatalf("send %q: %v", line, err)
		}
	}
}

// quote writes a text as a JavaScript literal.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch r {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\u2028':
			b.WriteString(`\u2028`)
		case '\u2029':
			b.WriteString(`\u2029`)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
