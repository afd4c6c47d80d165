package gateway_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"partline.dev/server/edge/gateway"
)

func TestPages_areNotThere(t *testing.T) {
	e := newEdge(t, "")
	e.fails = errors.New("secret-of-the-platform")
	for _, path := range []string{"/", "/parts/one", "/worker.js", "/nothing"} {
		w := ask(e, "GET", path, "", html...)
		if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret") || !strings.Contains(e.log.String(), "secret-of-the-platform") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := ask(e, "GET", "/healthz", ""); w.Code != http.StatusOK || w.Body.String() != "ok\n" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// halfRendered has the index and nothing else.
type halfRendered struct{ *platform }

func (p halfRendered) File(ctx context.Context, name string) ([]byte, error) {
	if name != gateway.IndexFile {
		return nil, errors.New("secret-of-the-platform")
	}
	return p.platform.File(ctx, name)
}

func TestPages_areHalfThere(t *testing.T) {
	e := newEdge(t, "", func(o *gateway.Options) { o.Platform = halfRendered{o.Platform.(*platform)} })
	for _, path := range []string{"/", "/parts/one", "/worker.js", "/manifest.webmanifest", "/nothing"} {
		w := ask(e, "GET", path, "", html...)
		if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret") || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("X-Robots-Tag") != "" {
			t.Errorf("%s: %d %v %s", path, w.Code, w.Header(), w.Body)
		}
	}
}

// failing panics where a platform answers.
type failing struct{ *platform }

func (failing) Post(context.Context, string, string, []byte) (int, []byte, error) {
	panic("secret-of-the-program")
}

func TestGateway_outlivesAPanic(t *testing.T) {
	e := newEdge(t, "", func(o *gateway.Options) { o.Platform = failing{o.Platform.(*platform)} })
	w := negotiate(e, `{}`)
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret") || !strings.Contains(e.log.String(), "secret-of-the-program") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestRefusedPage_withoutAFile(t *testing.T) {
	e := newEdge(t, "")
	w := ask(e, "GET", "/parts/one", "", append([]string{"Sec-Fetch-Dest", "iframe", "Referer", "https://other.example/page"}, html...)...)
	if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "ALLOW_HOSTS: https://site.example, https://other.example<") ||
		!strings.Contains(w.Body.String(), "https://other.example, is not allowed yet") || strings.Contains(w.Body.String(), "invalid") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if policy := w.Header().Get("Content-Security-Policy"); !strings.HasSuffix(policy, "frame-ancestors https://other.example") {
		t.Error(policy)
	}
}

// A request that is no page's, whoever sent it, shows nothing of the platform's files.
func TestPages_areReachedByNoOtherPath(t *testing.T) {
	e := newEdge(t, "")
	for _, path := range []string{
		"/index.json", "/pages/list.en.html", "/pages/worker.js", "/_headers", "/parts/../index.json", "/parts/one/", "/parts/One", "/parts/", "/parts/one%00",
		"/web/", "/web/index.json", "//", "/worker.js/", "/list", "/refused-only", "/parts/..%2findex.json", "/.git/config",
	} {
		if w := ask(e, "GET", path, "", html...); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}
