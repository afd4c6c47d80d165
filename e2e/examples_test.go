package e2e_test

import (
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit/example"
)

// buildsList is the README's command that builds the list's program, but for the
// folder that it is written to.
var buildsList = []string{"go", "run", "./web/cmd/wasm", "-package", "./examples/list/wasm", "-brotli", "5", "-out"}

// The list is somebody else's part.
func TestExamples_list(t *testing.T) {
	dir := t.TempDir()
	build := exec.Command(buildsList[0], append(buildsList[1:], filepath.Join(dir, "bin", "list"))...)
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s := example.Start(t, "partline.dev/examples/list/server", dir)
	one, two := chromium.Start(t, nil), chromium.Start(t, nil)
	ann, bob := openList(t, one, s.URL), openList(t, two, s.URL)

	ann.add("milk")
	ann.add("two eggs")
	bob.waitItems("milk", "two eggs")
	bob.Find("checkbox", "two eggs").Click()
	ann.waitTicked("two eggs", true)
	ann.Find("checkbox", "two eggs").Click()
	bob.waitTicked("two eggs", false)
	ann.waitTicked("two eggs", false)

	// Who comes late sees the whole list, and the keyboard is enough.
	late := openList(t, two, s.URL)
	late.waitItems("milk", "two eggs")
	late.Find("textbox", "What we need").Type("<b>bread</b>")
	late.Press(kb.Enter)
	ann.waitItems("milk", "two eggs", "<b>bread</b>")

	for name, l := range map[string]*shoppingList{"ann": ann, "bob": bob, "late": late} {
		for _, c := range l.Complaints() {
			t.Errorf("%s's browser complains: %s", name, c)
		}
	}

	// Without the server a tick goes back, and the box says why.
	if err := s.Stop(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
	ann.Wait("the outage", `document.querySelector("[role=status]").innerText.includes("Reconnecting")`)
	ann.Find("checkbox", "milk").Click()
	ann.Wait("the reason", `document.querySelector("[role=alert]:not(:empty)")?.textContent.includes("no connection")`)
	ann.waitTicked("milk", false)
}

// shoppingList is the part of the list, as a person sees it.
type shoppingList struct {
	*chromium.Page
	t *testing.T
}

// openList opens the part, and returns it once it is connected.
func openList(t *testing.T, b *chromium.Browser, url string) *shoppingList {
	t.Helper()
	l := &shoppingList{b.Open(url + "/parts/list"), t}
	l.Wait("a connection", saysStatus+` === "Connected"`)
	return l
}

// add writes an item and chooses Send.
func (l *shoppingList) add(item string) {
	l.t.Helper()
	l.Find("textbox", "What we need").Type(item)
	l.Find("button", "Send").Click()
	l.Wait("an empty box", `document.querySelector("input[type=text]").value === ""`)
}

const itemNames = `[...document.querySelectorAll("input[type=checkbox]")].map(e => e.labels[0].innerText.trim())`

// waitItems waits until the list is exactly these items, in this order.
func (l *shoppingList) waitItems(items ...string) {
	l.t.Helper()
	l.Wait("the item "+items[len(items)-1], itemNames+`.includes(`+quote(items[len(items)-1])+`)`)
	if got := chromium.Eval[[]string](l.Frame, itemNames); !slices.Equal(got, items) {
		l.t.Errorf("the list is %q, want %q", got, items)
	}
}

// waitTicked waits until the item's box is ticked or not.
func (l *shoppingList) waitTicked(item string, ticked bool) {
	l.t.Helper()
	want := "false"
	if ticked {
		want = "true"
	}
	l.Wait("the tick of "+item, itemNames+`.some((name, i) => name === `+quote(item)+
		` && document.querySelectorAll("input[type=checkbox]")[i].checked === `+want+`)`)
}
