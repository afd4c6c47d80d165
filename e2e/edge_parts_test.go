package e2e_test

import (
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit/partline"
)

// What people meet at the edge: the parts of a page hear each other, in a room; the
// pages are those of home.
func TestEdge_room(t *testing.T) {
	t.Parallel()
	e := startEdge(t)
	t.Run("two parts", func(t *testing.T) { edgeTwoParts(t, e) })
	t.Run("pages", func(t *testing.T) { edgePages(t, e) })
	t.Run("a site that nobody allowed", func(t *testing.T) { edgeUnlisted(t, e) })
}

// Through the gateway with a hub at home behind it they are connected to that.
func TestEdge_origin(t *testing.T) {
	t.Parallel()
	e := planEdge(t)
	origin := partline.Start(t, binary, "--public-url", e.URL, "--allow-host", e.HostURL,
		"--trusted-proxy", "127.0.0.1/32", "--trusted-proxy", "::1/128", "--keys", filepath.Join(e.Data, "keys"))
	e.start("--origin", origin.URL)
	edgeTwoParts(t, e)
	if n := origin.Metric(`signalr_server_active_connections{signalr_transport="web_sockets"}`); n != 4 {
		t.Errorf("the origin has %v connections", n)
	}
}

// edgeTwoParts has the two parts of the demo host page hear each other, whichever
// begins.
func edgeTwoParts(t *testing.T, e *edge) {
	t.Helper()
	b := chromium.Start(t, nil)
	page := b.Open(e.HostURL)
	steps9And10(t, page)
	theOtherWayRound(t, b.Open(e.HostURL))
	for _, c := range page.Complaints() {
		t.Errorf("the browser complains: %s", c)
	}
}

// edgePages looks at the pages of the gateway, which have the policy of those of home,
// and at what they need: files under names that say what is in them, for ever.
func edgePages(t *testing.T, e *edge) {
	t.Helper()
	all := ""
	for _, path := range []string{"/", "/parts/one", "/parts/two?lang=de"} {
		page, header := e.get(t, path, http.StatusOK)
		policy := header.Get("Content-Security-Policy")
		for _, want := range []string{"script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'", "frame-ancestors 'self' " + e.HostURL} {
			if !strings.Contains(policy+";", want+";") {
				t.Errorf("%s: the policy %q lacks %q", path, policy, want)
			}
		}
		if strings.Contains(policy, "unsafe-inline") || strings.Contains(policy, "'unsafe-eval'") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "", "Set-Cookie": "",
		} {
			if got := header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		all += page
	}
	manifest, header := e.get(t, "/manifest.webmanifest", http.StatusOK)
	if !strings.Contains(manifest, `"start_url"`) || header.Get("Content-Type") != "application/manifest+json" {
		t.Errorf("the manifest is %q: %s", header.Get("Content-Type"), manifest)
	}
	kinds := map[string]string{
		"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
		"png": "image/png", "svg": "image/svg+xml", "wasm": "application/wasm",
	}
	seen := map[string]bool{}
	for _, file := range regexp.MustCompile(`"(/web/[a-z0-9_-]+-[0-9a-f]{16}\.([a-z]+))"`).FindAllStringSubmatch(all+manifest, -1) {
		if seen[file[1]] {
			continue
		}
		seen[file[1]] = true
		_, header := e.get(t, file[1], http.StatusOK)
		for name, want := range map[string]string{
			"Cache-Control": "public, max-age=31536000, immutable", "Content-Type": kinds[file[2]], "X-Content-Type-Options": "nosniff",
		} {
			if got := header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", file[1], name, got, want)
			}
		}
	}
	if len(seen) < 8 || !strings.Contains(all, `.wasm"`) {
		t.Errorf("only these files are named: %v", seen)
	}
	if worker, header := e.get(t, "/worker.js", http.StatusOK); !strings.Contains(worker, "addEventListener") || header.Get("Content-Type") != kinds["js"] {
		t.Errorf("the worker is %q: %.200s", header.Get("Content-Type"), worker)
	}
	e.get(t, "/parts/three", http.StatusNotFound)
}

// get asks the gateway for a path.
func (e *edge) get(t *testing.T, path string, status int) (body string, header http.Header) {
	t.Helper()
	r, err := once.Get(e.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if r.StatusCode != status {
		t.Errorf("%s: %s, not %d: %.300s", path, r.Status, status, b)
	}
	return string(b), r.Header
}

// edgeUnlisted has a page of another site show a part: its visitor reads why not, and
// no program runs.
func edgeUnlisted(t *testing.T, e *edge) {
	pages := map[string]string{}
	host := site(t, pages)
	pages["/"] = `<!doctype html><title>Host</title><iframe title="` + titleOne + `" src="` + e.URL + `/parts/one"></iframe>`
	frame := chromium.Start(t, nil).Open(host+"/").Inside(titleOne, 0)
	frame.Wait("the reason", `document.body?.innerText.includes("is not allowed yet")`)
	if got, want := frame.Text(), "This page’s site, "+host+", is not allowed yet. Ask your administrator to add it"; !strings.Contains(got, want) {
		t.Errorf("the frame says %q, want %q", got, want)
	}
	if n := chromium.Eval[int](frame, `document.scripts.length`); n != 0 {
		t.Errorf("the frame has %d scripts", n)
	}
}
