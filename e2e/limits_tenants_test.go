package e2e_test

import (
	"strings"
	"testing"

	"partline.dev/e2e/chromium"
)

// Who has as many parts open as the tenant allows reads so in the next, which comes
// in when there is room, by the ticket that it has.
func TestLimits_aPartTooMany(t *testing.T) {
	t.Parallel()
	o := startTenant(t, "limits: {user: {connections: 1}}")
	frame := func(part, title string) string {
		out, problem, ok := output(t, "ticket", "--keys", o.keys, "--user", "ann", "--name", "Ann")
		if !ok {
			t.Fatal(problem)
		}
		return `<iframe title="` + title + `" src="` + o.URL + "/parts/" + part + "#ticket=" + secret(strings.TrimSpace(out)) + `"></iframe>`
	}
	o.pages["/"] = "<!doctype html><title>Host</title><div id=first>" + frame("one", titleOne) + "</div><div id=next></div>"
	page := chromium.Start(t, nil).Open(o.host + "/")
	one := framed(t, page, titleOne, 0)
	page.Run(`document.querySelector("#next").innerHTML = ` + quote(frame("two", titleTwo)))
	two := &connectedPart{page.Inside(titleTwo, 0), t}
	two.Wait("the reason", `document.body?.innerText.includes("Too many parts are open at once. Close some, or try again later.")`)
	if text := two.Text(); strings.Contains(text, "[connections]") {
		t.Errorf("it is said to people as to programs: %s", text)
	}
	one.say("still here")
	one.expect("Ann · " + speaksOne + ": still here")
	page.Run(`document.querySelector("#first").remove()`)
	two.waitStatus("Connected")
	two.say("my turn")
	two.expect("Ann · " + speaksTwo + ": my turn")
}
