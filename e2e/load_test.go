package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit/partline"
)

// recorder passes requests on to a server and keeps their paths: all that goes
// over the network, whoever in the browser asks for it.
type recorder struct {
	mu    sync.Mutex // protects following
	paths []string
}

// record returns the origin at which a server is reached through a recorder.
func record(t *testing.T, server string) (origin string, r *recorder) {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	r = &recorder{}
	proxy := httputil.NewSingleHostReverseProxy(target) // keeps the header Host
	transport := &http.Transport{}
	proxy.Transport = transport
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.mu.Lock()
		r.paths = append(r.paths, request.URL.Path)
		r.mu.Unlock()
		proxy.ServeHTTP(w, request)
	}))
	t.Cleanup(transport.CloseIdleConnections)
	t.Cleanup(s.Close)
	return strings.Replace(s.URL, "127.0.0.1", "localhost", 1), r
}

// programs counts the requests for WASM, and begins anew.
func (r *recorder) programs() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, path := range r.paths {
		if strings.HasSuffix(path, ".wasm") {
			n++
		}
	}
	r.paths = slices.Clip(r.paths[:0])
	return n
}

func TestLoad_secondVisitLoadsNoWASM(t *testing.T) {
	t.Parallel()
	pages := map[string]string{}
	host := site(t, pages)
	s := partline.Start(t, binary, "--allow-host", host)
	origin, network := record(t, s.URL)
	pages["/"] = `<!doctype html><title>Host</title><iframe title="` + titleOne + `" src="` + origin + `/parts/one"></iframe>`

	b := chromium.Start(t, nil)
	// An app and a frame have storage of their own each, so each has a first
	// visit.
	for name, visit := range map[string]func(){
		"the app": func() {
			page := b.Open(origin + "/parts/one")
			top(t, page)
			page.WaitForWorker()
			page.Close()
		},
		"a host page": func() {
			page := b.Open(host + "/")
			framed(t, page, titleOne, 0)
			page.Close()
		},
	} {
		visit()
		if n := network.programs(); n != 1 {
			t.Errorf("the first visit of %s loads the program %d times", name, n)
		}
		visit()
		if n := network.programs(); n != 0 {
			t.Errorf("the second visit of %s loads the program %d times over the network", name, n)
		}
	}
}

// Storage is refused to every page, as it is where a user or an administrator
// has said so.
func TestLoad_bootsWithoutStorage(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary, "--dev")
	page := chromium.Start(t, &chromium.Options{BlockStorage: true}).Open(s.HostURL)
	one, two := framed(t, page, titleOne, 0), framed(t, page, titleTwo, 0)
	one.say(hello)
	one.expect(speaksOne + ": " + hello)
	two.expect(speaksOne + ": " + hello)
	for _, part := range []*connectedPart{one, two} {
		for _, c := range part.Complaints() {
			t.Errorf("without storage the browser complains: %s", c)
		}
	}
}
