package server_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"partline.dev/internal/testkit/program"
	"partline.dev/server"
)

const (
	wasmPath = "/web/" + program.Name
)

// serve returns the handler of a server that ends with the test.
func serve(t *testing.T, change func(*server.Options)) http.Handler {
	t.Helper()
	o := server.Options{App: program.Built(), Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&o)
	}
	s, err := server.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s.Handler()
}

// open asks for path as a browser does that opens a page; headers are pairs of
// name and value.
func open(t *testing.T, h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	return ask(t, h, http.MethodGet, path, append([]string{"Accept", "text/html,*/*;q=0.8"}, headers...)...)
}

func ask(t *testing.T, h http.Handler, method, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, "http://parts.example/", nil)
	u, err := url.ParseRequestURI(path)
	if err != nil {
		t.Fatal(err)
	}
	r.URL.Path, r.URL.RawPath, r.URL.RawQuery = u.Path, u.RawPath, u.RawQuery
	r.RequestURI = path
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func has(t *testing.T, page *httptest.ResponseRecorder, pieces ...string) {
	t.Helper()
	for _, p := range pieces {
		if !strings.Contains(page.Body.String(), p) {
			t.Errorf("there is no %q in\n%s", p, page.Body)
		}
	}
}

func TestList_namesTheParts(t *testing.T) {
	page := open(t, serve(t, nil), "/")
	if page.Code != http.StatusOK {
		t.Fatal(page.Code)
	}
	has(t, page, "Connected Part - One", "Connected Part - Two", `href="/parts/one"`, `href="/parts/two"`, `rel="manifest"`)
}

func TestPart_isPreRendered(t *testing.T) {
	page := open(t, serve(t, nil), "/parts/one")
	if page.Code != http.StatusOK {
		t.Fatal(page.Code)
	}
	if kind := page.Header().Get("Content-Type"); kind != "text/html; charset=utf-8" {
		t.Error(kind)
	}
	has(t, page,
		"<title>Connected Part - One</title>", ">Connected Part - One</h1>",
		`role="log"`, ">Message</label>", ">Send</button>",
		`data-wasm="`+wasmPath+`"`,
		// Progress is measured in unpacked bytes.
		`data-length="`+strconv.Itoa(len(program.Plain))+`"`,
	)
}

func TestPart_speaksTheReadersLanguage(t *testing.T) {
	h := serve(t, nil)
	for _, e := range []struct{ path, accepts, want, content string }{
		{"/parts/one", "", `<html lang="en" dir="ltr">`, "No messages yet."},
		{"/parts/one", "de-AT,de;q=0.9", `<html lang="de" dir="ltr">`, "Noch keine Nachrichten."},
		{"/parts/one?lang=ar", "de", `<html lang="ar" dir="rtl">`, "لا توجد رسائل بعد."},
		{"/parts/one?lang=%22%3E%3Cscript%3E", "", `<html lang="en" dir="ltr">`, "No messages yet."},
		{"/", "ar", `<html lang="ar" dir="rtl">`, ">فتح</a>"},
	} {
		page := open(t, h, e.path, "Accept-Language", e.accepts)
		has(t, page, e.want, e.content)
		if !strings.Contains(strings.Join(page.Header().Values("Vary"), ","), "Accept-Language") {
			t.Errorf("%s does not vary by language", e.path)
		}
	}
}

// go-app does not escape the attributes that it pre-renders. Nothing that a
// stranger wrote into an address may be in a page.
func TestPart_repeatsNothingOfItsAddress(t *testing.T) {
	h := serve(t, nil)
	const marker = "zq7pwned"
	for _, payload := range []string{
		marker, `"><script>` + marker + `</script>`, `" onfocus="` + marker, `\" autofocus onfocus=` + marker, `javascript:` + marker,
	} {
		for _, name := range []string{"name", "lang", "theme", "SPHostUrl", "wasm", payload} {
			page := open(t, h, "/parts/one?"+url.Values{name: {payload}}.Encode())
			if page.Code != http.StatusOK || strings.Contains(page.Body.String(), marker) {
				t.Errorf("%s=%s is answered with %d and\n%s", name, payload, page.Code, page.Body)
			}
		}
	}
}

// What the Content-Security-Policy would block must not be there in the first
// place.
func TestPages_haveNothingInline(t *testing.T) {
	h := serve(t, func(o *server.Options) { o.Dev = true })
	inline := regexp.MustCompile(`(?i)<script[^>]*>[^<]|<script(?:\s+(?:defer|data-\S+))*\s*>|<style|\sstyle=|\son[a-z]+=|javascript:`)
	for _, path := range []string{"/", "/parts/one", "/parts/two", "/offline", "/no/such/page"} {
		page := open(t, h, path)
		if found := inline.FindString(page.Body.String()); found != "" {
			t.Errorf("%s has %q", path, found)
		}
	}
	if !inline.MatchString(`<script>x`) || !inline.MatchString(`<p style="x">`) || !inline.MatchString(`<a onclick="x">`) {
		t.Error("the test finds nothing")
	}
}

func TestPages_nameFilesThatAreThere(t *testing.T) {
	h := serve(t, nil)
	links := regexp.MustCompile(`(?:href|src|data-wasm)="(/web/[^"]+)"`)
	seen := 0
	for _, path := range []string{"/", "/parts/one", "/offline", "/no/such/page"} {
		for _, link := range links.FindAllStringSubmatch(open(t, h, path).Body.String(), -1) {
			seen++
			if code := open(t, h, link[1]).Code; code != http.StatusOK {
				t.Errorf("%s names %s, which is answered with %d", path, link[1], code)
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d files are named", seen)
	}
}

func TestPart_saysThatItIsNotBuilt(t *testing.T) {
	page := open(t, serve(t, func(o *server.Options) { o.App = fstest.MapFS{} }), "/parts/one")
	if page.Code != http.StatusServiceUnavailable {
		t.Error(page.Code)
	}
	has(t, page, "make build")
}

func TestNew_refusesAFolderThatIsNoBuild(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"not JSON":       {"build.json": {Data: []byte("x")}},
		"another name":   {"build.json": {Data: []byte(`{"wasm":"../../etc/passwd","length":1}`)}},
		"no length":      {"build.json": {Data: []byte(`{"wasm":"` + program.Name + `"}`)}},
		"missing files":  {"build.json": {Data: []byte(`{"wasm":"` + program.Name + `","length":1}`)}},
		"no exec script": {"build.json": {Data: []byte(`{"wasm":"` + program.Name + `","length":1}`)}, program.Name + ".br": {}, program.Name + ".gz": {}},
	} {
		if _, err := server.New(server.Options{App: files, Log: slog.New(slog.DiscardHandler)}); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
}

func TestPages_sayThatThereIsNone(t *testing.T) {
	h := serve(t, nil)
	page := open(t, h, "/parts/three")
	if page.Code != http.StatusNotFound {
		t.Error(page.Code)
	}
	has(t, page, "There is no such page", `href="/"`)
	// A program is told in a line.
	page = ask(t, h, http.MethodGet, "/parts/three", "Accept", "application/json")
	if page.Code != http.StatusNotFound || strings.Contains(page.Body.String(), "<") {
		t.Errorf("%d %s", page.Code, page.Body)
	}
}

func TestPages_areReachedByNoOtherPath(t *testing.T) {
	h := serve(t, nil)
	for _, path := range []string{
		"/web", "/web/", "/web/style.css", "/web/build.json", "/web/dist/build.json", "/web/" + program.Name + ".br",
		"/web/../go.mod", "/web/..%2f..%2fgo.mod", "/web/..%5c..%5cgo.mod", "/web/..%252f..%252fgo.mod",
		"/web/%2e%2e/%2e%2e/etc/passwd", "/web/%00", wasmPath + "%00.png", wasmPath + "/", "/web//" + program.Name,
		"/parts", "/parts/", "/parts/one/", "/parts/One", "/parts/one%00", "/parts/..%2fone", "/parts/%6fne%2f..",
		"/static/worker.js", "/pages/list.html", "/dev/events", "/dev/reload.js", "/host.css", "/favicon.ico", "/.git/config",
	} {
		page := open(t, h, path)
		// A path with dots or doubled slashes is sent to what it means, which is
		// not there either.
		for page.Code == http.StatusMovedPermanently || page.Code == http.StatusTemporaryRedirect {
			to := page.Header().Get("Location")
			if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") {
				t.Fatalf("%s leads to %s", path, to)
			}
			if to == wasmPath {
				break
			}
			page = open(t, h, to)
		}
		if page.Code != http.StatusNotFound && page.Header().Get("Location") != wasmPath {
			t.Errorf("%s is answered with %d", path, page.Code)
		}
	}
}

func TestPages_areOnlyRead(t *testing.T) {
	h := serve(t, nil)
	for _, path := range []string{"/", "/parts/one", wasmPath, "/manifest.webmanifest", "/worker.js", "/offline"} {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"} {
			page := ask(t, h, method, path)
			if page.Code != http.StatusMethodNotAllowed || page.Header().Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s is answered with %d, Allow %q", method, path, page.Code, page.Header().Get("Allow"))
			}
		}
		got, head := open(t, h, path), ask(t, h, http.MethodHead, path, "Accept", "text/html")
		if head.Code != got.Code || head.Header().Get("Content-Length") != got.Header().Get("Content-Length") {
			t.Errorf("HEAD %s is not as GET: %v and %v", path, head.Header(), got.Header())
		}
	}
}
