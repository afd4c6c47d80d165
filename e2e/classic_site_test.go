package e2e_test

import (
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// classicPage has jQuery, the client and the script of the hubs at %[2]s. What the
// module %[3]s has becomes part of the window, so that a test may call it.
const classicPage = `<!doctype html><title>classic %[1]s</title>
<script src="/classic/%[1]s/jquery.js"></script><script src="/classic/%[1]s/signalr.js"></script>
<script src="%[2]s/signalr/hubs"></script>
<script type="module">
	import * as all from "/classic/%[3]s"
	Object.assign(window, all)
	window.tell = async (said) => {
		const body = await Promise.resolve(said).then(JSON.stringify, (error) => String(error?.stack ?? error))
		await fetch("/said", { method: "POST", body })
	}
</script>`

// classicPageAt is the address of a page at an npmSite that speaks to the hubs at
// base.
func classicPageAt(n *npmSite, c classicClient, base, module string) string {
	q := url.Values{"base": {base}, "module": {module}}
	return n.origin + "/classic/" + c.version + "?" + q.Encode()
}

// handleClassicPages serves the pages of the classic clients, and their suites.
func handleClassicPages(t *testing.T, mux *http.ServeMux) {
	for _, c := range classicClients {
		c.serve(t, mux, "/classic/"+c.version+"/jquery.js", "/classic/"+c.version+"/signalr.js")
		mux.HandleFunc("GET /classic/"+c.version, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			q := r.URL.Query()
			fmt.Fprintf(w, classicPage, c.version, q.Get("base"), q.Get("module"))
		})
	}
	mux.HandleFunc("GET /classic/{name}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		http.ServeFile(w, r, filepath.Join("npm", "classic", r.PathValue("name")))
	})
}

// refusingProxy is before target, and refuses to connect those transports of the
// classic client, and to connect them again.
func refusingProxy(t *testing.T, target string, transports ...string) (base string) {
	t.Helper()
	return blockingProxy(t, target, func(r *http.Request) bool {
		return strings.HasSuffix(r.URL.Path, "connect") && slices.Contains(transports, r.URL.Query().Get("transport"))
	})
}
