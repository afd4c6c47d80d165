package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit/partline"
)

// A scope that is refused is said, and the narrowest takes its place.
func TestScope_thatIsNotAllowed(t *testing.T) {
	t.Parallel()
	h := host(t, map[string]string{"/": frameOf("?scope=world") + strings.Replace(iframeTwo, "/parts/two", "/parts/two?scope=user", 1)})
	page := chromium.Start(t, nil).Open(h.sites[0] + "/")
	one, two := framed(t, page, titleOne, 0), framed(t, page, titleTwo, 0)
	one.Wait("the scope page", `document.querySelector(".hearers select")?.value === "page"`)
	two.Wait("the scope page", `document.querySelector(".hearers select")?.value === "page"`)
	one.say("hello")
	two.expect(speaksOne + ": hello")
}

// A name that is said in one part is that of all parts of the browser.
func TestNickname_ofAllParts(t *testing.T) {
	t.Parallel()
	pages := map[string]string{}
	site := site(t, pages)
	file := filepath.Join(t.TempDir(), "tenants.yaml")
	if err := os.WriteFile(file, []byte("tenants: {contoso: {hosts: ["+site+"], guests: named}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := partline.Start(t, binary, "--tenants", file)
	pages["/"] = "<!doctype html><title>Host</title>" + strings.ReplaceAll(iframeOne+iframeTwo, "PARTS", s.URL)
	page := chromium.Start(t, nil).Open(site + "/")
	one, two := &connectedPart{page.Inside(titleOne, 0), t}, &connectedPart{page.Inside(titleTwo, 0), t}
	two.Find("textbox", "Your name")
	one.Find("textbox", "Your name").Type("Ann")
	one.Find("button", "Use this name").Click()
	one.waitStatus("Connected")
	two.waitStatus("Connected")
	two.say("hello")
	one.expect("Ann (guest) · " + speaksTwo + ": hello")
	two.again()
	two.say("again")
	one.expect("Ann (guest) · "+speaksTwo+": hello", "Ann (guest) · "+speaksTwo+": again")
}
