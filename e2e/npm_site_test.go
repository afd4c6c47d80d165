package e2e_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"partline.dev/internal/testkit/faultproxy"
	"partline.dev/internal/testkit/partline"
)

// npmSite is a site of its own with a page that has the browser builds of the
// npm clients and the suites, and what a suite asks of the test around it.
type npmSite struct {
	origin string      // 127.0.0.1: the hubs are at localhost, another site
	said   chan []byte // what the page says at the end
	proxy  *faultproxy.Proxy

	each []*faultproxy.Proxy // one before each connection, where a test wants that

	tokens func(asked url.Values) (string, error) // gives bearer tokens, where no server does
}

const npmSuitePage = `<!doctype html><title>npm</title>
<script src="/signalr.js"></script><script src="/signalr-protocol-msgpack.js"></script>
<script type="module">
	import { HttpConnection } from "/esm/HttpConnection"
	import { XhrHttpClient } from "/esm/XhrHttpClient"
	import { run } from "/suite/suite.mjs"
	window.start = async (place, only) => {
		const client = { signalR, msgpack: signalR.protocols.msgpack, HttpConnection, XhrHttpClient, WebSocket }
		const outcomes = []
		const tell = outcome => outcomes.push(outcome)
		await run({ ...place, platform: "Chromium", ...client }, only, tell)
		await fetch("/said", { method: "POST", body: JSON.stringify(outcomes) })
	}
</script>`

func newNPMSite(t *testing.T) *npmSite {
	t.Helper()
	n := &npmSite{said: make(chan []byte, 1)}
	modules := filepath.Join("npm", "node_modules", "@microsoft")
	browser := func(pkg string) string { return filepath.Join(modules, pkg, "dist", "browser", pkg+".js") }
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, npmSuitePage) // the page is gone with its test
	})
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	file := func(w http.ResponseWriter, r *http.Request, path string) {
		w.Header().Set("Content-Type", "text/javascript")
		http.ServeFile(w, r, path)
	}
	mux.HandleFunc("GET /{name}", func(w http.ResponseWriter, r *http.Request) {
		file(w, r, browser(strings.TrimSuffix(r.PathValue("name"), ".js")))
	})
	mux.HandleFunc("GET /suite/{name}", func(w http.ResponseWriter, r *http.Request) {
		file(w, r, filepath.Join("npm", "suite", r.PathValue("name")))
	})
	// The modules of the client name each other without the end of their names.
	mux.HandleFunc("GET /esm/{name}", func(w http.ResponseWriter, r *http.Request) {
		file(w, r, filepath.Join(modules, "signalr", "dist", "esm", r.PathValue("name")+".js"))
	})
	handleClassicPages(t, mux)
	mux.HandleFunc("GET /token", n.serveToken)
	mux.HandleFunc("POST /cut", func(_ http.ResponseWriter, r *http.Request) { cut(r, n.proxy) })
	mux.HandleFunc("POST /cut/{which}", func(w http.ResponseWriter, r *http.Request) {
		which, err := strconv.Atoi(r.PathValue("which"))
		if err != nil || which < 0 || which >= len(n.each) {
			http.NotFound(w, r)
			return
		}
		cut(r, n.each[which])
	})
	mux.HandleFunc("POST /said", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		n.said <- body
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	n.origin = s.URL
	return n
}

// cutMoment is for how long a proxy takes no connection after a cut that a browser
// shall notice.
const cutMoment = 200 * time.Millisecond

// cut resets the connections of a proxy, and with the parameter next those that
// come in the moment after that.
func cut(r *http.Request, p *faultproxy.Proxy) {
	if !r.URL.Query().Has("next") {
		p.Cut()
		return
	}
	p.Set(faultproxy.Fault{Refuse: true})
	p.Cut()
	<-time.After(cutMoment)
	p.Set(faultproxy.Fault{})
}

// testServer is the binary of the test server, built when it is first needed.
var testServer = sync.OnceValues(func() (string, error) {
	return partline.Build(filepath.Dir(binary), "partline.dev/e2e/cmd/testserver")
})

// startTestServer starts a test server behind n's proxy, for n's pages too, and
// returns its address there.
func startTestServer(t *testing.T, n *npmSite, flags ...string) (base string) {
	t.Helper()
	base, n.proxy = proxied(t, runTestServer(t, n, flags...).URL)
	return base
}

// runTestServer starts a test server for n's pages.
func runTestServer(t *testing.T, n *npmSite, flags ...string) *partline.Server {
	t.Helper()
	program, err := testServer()
	if err != nil {
		t.Fatal(err)
	}
	return partline.Start(t, program, append([]string{"--allow-host", n.origin}, flags...)...)
}

// proxied is another address of the server at url, which a test may spoil.
func proxied(t *testing.T, url string) (base string, p *faultproxy.Proxy) {
	t.Helper()
	p, err := faultproxy.Listen(strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return "http://" + strings.Replace(p.Addr(), "127.0.0.1", "localhost", 1), p
}

// proxiedEach is as many of them; a page cuts one by its number.
func (n *npmSite) proxiedEach(t *testing.T, s *partline.Server, count int) (bases []string) {
	t.Helper()
	for range count {
		base, p := proxied(t, s.URL)
		bases, n.each = append(bases, base), append(n.each, p)
	}
	return bases
}
