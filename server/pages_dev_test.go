package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"partline.dev/server"
)

// told is what the development loop writes.
type told struct {
	Build string `json:"build"`
	Error string `json:"error"`
}

func tell(t *testing.T, path string, s told) {
	t.Helper()
	content, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".next", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".next", path); err != nil {
		t.Fatal(err)
	}
}

func TestDev_tellsOpenPagesOfBuilds(t *testing.T) {
	status := filepath.Join(t.TempDir(), "status.json")
	tell(t, status, told{Build: "b1"})
	addr := freeAddr(t)
	stop := running(t, server.Options{Addr: addr, DevHostAddr: freeAddr(t), Dev: true, DevStatus: status, DrainTimeout: time.Hour})

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/dev/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	stream, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stream.Body.Close() }()
	if kind := stream.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatal(kind)
	}
	lines := bufio.NewScanner(stream.Body)
	next := func() (s told) {
		t.Helper()
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				if err := json.Unmarshal([]byte(data), &s); err != nil {
					t.Fatal(err)
				}
				return s
			}
		}
		t.Fatalf("the stream ended: %v", lines.Err())
		return s
	}

	if got := next(); got != (told{Build: "b1"}) {
		t.Errorf("at first: %+v", got)
	}
	failed := told{Build: "b1", Error: "app/x.go:1:1: syntax error\nand <b>more</b>\ndata: {}"}
	tell(t, status, failed)
	if got := next(); got != failed {
		t.Errorf("after a failed build: %+v", got)
	}
	// Half a file is looked at again.
	if err := os.WriteFile(status, []byte(`{"build":`), 0o600); err != nil {
		t.Fatal(err)
	}
	tell(t, status, told{Build: "b2"})
	if got := next(); got != (told{Build: "b2"}) {
		t.Errorf("after a good build: %+v", got)
	}
	// An open page does not hold up the end.
	if err := stop(); err != nil || ctx.Err() != nil {
		t.Errorf("the end: %v, %v", err, ctx.Err())
	}
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "data: ") {
			t.Errorf("after the end: %s", lines.Text())
		}
	}
}

func TestDev_pagesLoadTheScriptOfTheirBuild(t *testing.T) {
	status := filepath.Join(t.TempDir(), "status.json")
	tell(t, status, told{Build: `b"1</script>`})
	h := serve(t, func(o *server.Options) { o.Dev, o.DevStatus = true, status })
	for _, path := range []string{"/", "/parts/one"} {
		has(t, open(t, h, path), `src="/dev/reload.js"`)
	}
	script := open(t, h, "/dev/reload.js")
	has(t, script, `const build = "b\"1\u003c/script\u003e";`)
	if script.Code != http.StatusOK || script.Header().Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("%d %v", script.Code, script.Header())
	}
}

func TestDev_isOffByItself(t *testing.T) {
	h := serve(t, nil)
	for _, path := range []string{"/", "/parts/one"} {
		if page := open(t, h, path); strings.Contains(page.Body.String(), "/dev/") {
			t.Errorf("%s loads a script of development:\n%s", path, page.Body)
		}
	}
}

func TestDevHost_isAPageOfAnotherSite(t *testing.T) {
	addr, demo := freeAddr(t), "localhost:"+port(t, freeAddr(t))
	running(t, server.Options{Addr: addr, DevHostAddr: demo, Dev: true})
	const one, two = `/parts/one" title="Connected Part - One"`, `/parts/two" title="Connected Part - Two"`
	const oneForAll, twoForAll = `/parts/one?scope=tenant" title="Connected Part - One"`, `/parts/two?scope=tenant" title="Connected Part - Two"`
	for path, e := range map[string]struct {
		frames []string
		link   string // to the page where other people hear the parts
	}{
		"/":         {[]string{one, two}, `<a href="/everyone">on the page`},
		"/everyone": {[]string{oneForAll, twoForAll}, `<a href="/">a page`},
		"/one":      {[]string{oneForAll}, `<a href="/">a page`},
		"/two":      {[]string{twoForAll}, `<a href="/">a page`},
		"/scopes":   {[]string{`/parts/one?scope=page" `, `/parts/one?scope=session" `, `/parts/one?scope=tenant" `}, ""},
	} {
		status, page := get(t, "http://"+demo+path)
		if status != http.StatusOK || strings.Count(page, "<iframe") != len(e.frames) {
			t.Errorf("%s is answered with %d and\n%s", path, status, page)
		}
		for _, frame := range e.frames {
			if !strings.Contains(page, `src="http://`+addr+frame) {
				t.Errorf("%s has no frame %s", path, frame)
			}
		}
		if !strings.Contains(page, e.link) {
			t.Errorf("%s does not link to %s", path, e.link)
		}
		if strings.Contains(page, "<script") {
			t.Errorf("%s:\n%s", path, page)
		}
	}
	for _, path := range []string{"/three", "/one/", "/parts/one", "/..%2fone"} {
		if status, _ := get(t, "http://"+demo+path); status != http.StatusNotFound {
			t.Errorf("%s is answered with %d", path, status)
		}
	}
	if status, sheet := get(t, "http://"+demo+"/host.css"); status != http.StatusOK || !strings.Contains(sheet, "iframe") {
		t.Errorf("the style sheet is answered with %d", status)
	}
	answer, err := http.Post("http://"+demo+"/", "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusMethodNotAllowed || answer.Header.Get("Set-Cookie") != "" {
		t.Errorf("POST is answered with %d, %v", answer.StatusCode, answer.Header)
	}
}

func port(t *testing.T, addr string) string {
	t.Helper()
	_, p, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
