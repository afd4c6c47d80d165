package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit/partline"
)

// Fresh pages, and pages in use, say nothing to the console and break no policy.
func TestPages_noComplaints(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary, "--dev")
	b := chromium.Start(t, nil)
	for _, path := range []string{"/", "/parts/one", "/parts/two", "/parts/one?lang=ar&theme=dark"} {
		page := b.Open(s.URL + path)
		if strings.HasPrefix(path, "/parts/") {
			page.Wait("the part", `document.querySelector("input")?.disabled === false`)
		}
		page.WaitForWorker()
		for _, c := range page.Complaints() {
			t.Errorf("%s: %s", path, c)
		}
	}
	page := b.Open(s.HostURL)
	one, two := framed(t, page, titleOne, 0), framed(t, page, titleTwo, 0)
	one.say("hello")
	two.expect(speaksOne + ": hello")
	for name, f := range map[string]*chromium.Frame{"the host page": page.Frame, titleOne: one.Frame, titleTwo: two.Frame} {
		for _, c := range f.Complaints() {
			t.Errorf("%s: %s", name, c)
		}
	}
}

// The host page of a site that nobody allowed: its visitor reads why, and the
// operator reads what would change it.
func TestPages_unlistedHost(t *testing.T) {
	t.Parallel()
	pages := map[string]string{}
	host := site(t, pages)
	s := partline.Start(t, binary)
	pages["/"] = `<!doctype html><title>Host</title><iframe title="` + titleOne + `" src="` + s.URL + `/parts/one"></iframe>`
	page := chromium.Start(t, nil).Open(host + "/")
	frame := page.Inside(titleOne, 0)
	frame.Wait("the reason", `document.body?.innerText.includes("is not allowed yet")`)
	if got, want := frame.Text(), "This page’s site, "+host+", is not allowed yet. Ask your administrator to add it"; !strings.Contains(got, want) {
		t.Errorf("the frame says %q, want %q", got, want)
	}
	if n := chromium.Eval[int](frame, `document.scripts.length`); n != 0 {
		t.Errorf("the frame has %d scripts", n)
	}
	if flag := "--allow-host " + host; !strings.Contains(s.Log(), flag) {
		t.Errorf("the log does not print %s:\n%s", flag, s.Log())
	}

	// And the flag that it prints is the one that helps.
	allowing := partline.Start(t, binary, "--allow-host", host)
	pages["/allowed"] = strings.ReplaceAll(pages["/"], s.URL, allowing.URL)
	page.Go(host + "/allowed")
	framed(t, page, titleOne, 0).say("hello")
}

func TestPages_headers(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary, "--allow-host", "https://contoso.sharepoint.com")
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for _, path := range []string{"/", "/parts/one", "/parts/two"} {
		r, err := client.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		h := r.Header
		policy := h.Get("Content-Security-Policy")
		for _, want := range []string{"script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'", "frame-ancestors 'self' https://contoso.sharepoint.com"} {
			if !strings.Contains(policy+";", want+";") {
				t.Errorf("%s: the policy %q lacks %q", path, policy, want)
			}
		}
		if strings.Contains(policy, "unsafe-inline") || strings.Contains(policy, "'unsafe-eval'") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if len(h.Values("Set-Cookie")) > 0 {
			t.Errorf("%s sets a cookie", path)
		}
	}
}
