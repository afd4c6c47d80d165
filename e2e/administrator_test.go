package e2e_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit"
	"partline.dev/internal/testkit/partline"
)

// The embed key of the tenant contoso in these tests.
const administratorKey = "ek_contoso0contoso0"

// contosoFile is a file of two tenants, the first of which has that line of hosts.
func contosoFile(hosts string) string {
	return "tenants:\n  contoso:\n    " + hosts + "\n    guests: anybody\n    embed-keys: [" + administratorKey + "]\n" +
		"  fabrikam:\n    hosts: [https://fabrikam.example]\n    guests: anybody\n"
}

// What an administrator gets from /install works: the line that it shows lets the
// page in, while the server runs, and the snippets connect, for every view of the page.
func TestAdministrator_doesWhatThePageSays(t *testing.T) {
	t.Parallel()
	pages := map[string]string{}
	host := site(t, pages)
	file := filepath.Join(t.TempDir(), "tenants.yaml")
	write := func(hosts string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(contosoFile(hosts)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("hosts: [https://contoso.sharepoint.com]")
	s := partline.Start(t, binary, "--tenants", file)
	b := chromium.Start(t, nil)
	admin := b.Open(s.URL + "/install")
	admin.Find("textbox", "Address of the page, or of its site").Type(host + "/some/page?x=1")
	admin.Find("textbox", "Embed key").Type(administratorKey)
	admin.Find("button", "Show the snippets").Click()
	admin.Wait("the verdict", `document.getElementById("verdict")?.dataset.allowed === "no"`)
	line := chromium.Eval[string](admin.Frame, `document.getElementById("line").textContent`)
	snippet := func(part string) string {
		return chromium.Eval[string](admin.Frame, `document.getElementById("snippet-`+part+`").value`)
	}
	pages["/"] = "<!doctype html><title>Intranet</title>" + snippet("one") + snippet("two")

	refused := b.Open(host + "/")
	part := refused.Inside(titleOne, 0)
	part.Wait("the reason", `document.body?.innerText.includes("is not allowed yet")`)
	if got := part.Text(); !strings.Contains(got, line) || !strings.Contains(s.Log(), "tenant=contoso") || !strings.Contains(s.Log(), line) {
		t.Errorf("it is said otherwise by the frame, %q, or the log:\n%s", got, s.Log())
	}
	awaitVerdict := func(want string) {
		t.Helper()
		for until := time.Now().Add(30 * time.Second); ; {
			admin.Reload()
			admin.Wait("the page", `document.readyState === "complete"`)
			if chromium.Eval[string](admin.Frame, `document.getElementById("verdict")?.dataset.allowed ?? ""`) == want {
				return
			}
			if time.Now().After(until) {
				t.Fatalf("the file has changed, and whether the page may show parts is not %s", want)
			}
		}
	}
	write(line)
	awaitVerdict("yes")
	for view := range 2 {
		page := b.Open(host + "/")
		one, two := framed(t, page, titleOne, 0), framed(t, page, titleTwo, 0)
		one.say(fmt.Sprint("view ", view))
		two.expect(fmt.Sprint(speaksOne, ": view ", view))
		page.Close()
	}

	// The site is taken out again. By now the browser has the worker of the parts.
	write("hosts: [https://contoso.sharepoint.com]")
	awaitVerdict("no")
	b.Open(host+"/").Inside(titleOne, 0).Wait("the reason", `document.body?.innerText.includes("is not allowed yet")`)
}

func TestAdministrator_copies(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary)
	page := chromium.Start(t, nil).Open(s.URL + "/install")
	page.Find("button", "Copy the HTML of "+titleTwo).Click()
	page.Wait("the words", `document.getElementById("copied").textContent === "Copied."`)
	for _, c := range page.Complaints() {
		t.Errorf("the page complains: %s", c)
	}
}

// Everybody can use it, at every width, in every language.
func TestAdministrator_accessibleAndFits(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary)
	page := chromium.Start(t, nil).Open(s.URL + "/install")
	filled := "?host=https%3A%2F%2Fx.example&room=" + url.QueryEscape(strings.Repeat("long", 60))
	for _, lang := range []string{"en", "de", "ar"} {
		for _, scheme := range []string{"light", "dark"} {
			page.ColorScheme(scheme)
			page.Go(s.URL + "/install" + filled + "&lang=" + lang)
			axe(t, page.Frame, "the page for administrators, "+lang+", "+scheme)
		}
	}
	page.ForcedColors()
	axe(t, page.Frame, "the page for administrators, forced colours")
	type layout struct {
		lang  string
		width int
	}
	var all []layout
	for _, lang := range []string{"en", "de", "ar"} {
		for width := 320; width <= 1200; width += 40 {
			all = append(all, layout{lang, width})
		}
	}
	for _, i := range testkit.Sample(t, len(all)) {
		page.Size(all[i].width, 900)
		page.Go(s.URL + "/install" + filled + "&lang=" + all[i].lang)
		page.Wait("the page", `document.readyState === "complete" && !document.querySelector(".snippet-action").hidden`)
		if got := chromium.Eval[int](page.Frame, `document.documentElement.scrollWidth`); got > all[i].width {
			t.Errorf("%+v: the page is %d pixels wide", all[i], got)
		}
		outside := chromium.Eval[[]string](page.Frame, `[...document.querySelectorAll("input, select, button, a, h1, textarea, pre")]
			.filter(e => { const r = e.getBoundingClientRect(); return r.width > 0 && (r.left < -1 || r.right > innerWidth + 1 || r.width < 24 || r.height < 24) })
			.map(e => e.outerHTML)`)
		if len(outside) > 0 {
			t.Errorf("%+v: outside, or too small, are %q", all[i], outside)
		}
	}
}
