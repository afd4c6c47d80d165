package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"partline.dev/server"
	"partline.dev/server/connected"
	"partline.dev/server/hub"
)

func TestPublicURL_saysWhatIsWrong(t *testing.T) {
	for url, want := range map[string]string{
		"parts.example":              "begins with https://",
		"ftp://parts.example":        "begins with https://",
		"https://":                   "a host",
		"https://ann@parts.example":  "a host and nothing else",
		"https://parts.example?a=b":  "no question mark",
		"https://parts.example/#a":   "no question mark",
		"https://parts.example/a//b": "plain names",
		"https://parts.example/a/..": "plain names",
		"https://parts.example/a%20": "plain names",
		"https://parts.example/ä":    "plain names",
		"https://parts.example/hubs": "an address of the server itself",
		"https://parts.example:0":    "port",
		"https://pärts.example":      "xn--",
	} {
		if _, err := server.New(server.Options{PublicURL: url}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: the error is %v, and should say %q", url, err, want)
		}
	}
}

// A proxy that takes the prefix off asks for /chat/negotiate where the client asked
// for /chat/chat/negotiate; taken off once more it would be no hub's.
func TestPublicURL_prefixThatIsAHubs(t *testing.T) {
	for path, ok := range map[string]bool{"/chat": false, "/Chat/two": false, "/chatter": true, "/a/chat": true} {
		_, err := server.New(server.Options{
			PublicURL: "https://parts.example/chat/room",
			Mounts:    []server.Mount{{Path: path, Hubs: []*hub.Mux{connected.New()}}},
		})
		if (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "so does the hub at "+path) {
			t.Errorf("a hub at %s: %v", path, err)
		}
	}
}

// address is what stands in a page as an address.
var address = regexp.MustCompile(`(?:href|src|data-[a-z]+)="(/[^"]*)"`)

func TestPublicURL_prefixIsBeforeEveryAddressAndAnswersWithItAndWithout(t *testing.T) {
	h := serve(t, func(o *server.Options) {
		o.PublicURL = "https://Parts.Example/apps/line/"
		o.Dev = true
	})
	for _, page := range []string{"/", "/parts/one", "/offline", "/no/such/page"} {
		for _, prefix := range []string{"", "/apps/line"} {
			got := open(t, h, prefix+page)
			if want := open(t, h, page); got.Body.String() != want.Body.String() {
				t.Errorf("%s is another page under the prefix:\n%s\nwithout:\n%s", page, got.Body, want.Body)
			}
			addresses := address.FindAllStringSubmatch(got.Body.String(), -1)
			if len(addresses) < 3 {
				t.Errorf("%s holds only %d addresses", page, len(addresses))
			}
			for _, a := range addresses {
				if a[1] == "/apps/line" {
					continue // what the program puts before an address
				}
				rest, ok := strings.CutPrefix(a[1], "/apps/line/")
				if !ok {
					t.Errorf("%s: the address %s has no prefix", page, a[1])
					continue
				}
				if rest == "dev/reload.js" {
					continue
				}
				for _, path := range []string{a[1], "/" + rest} {
					if code := open(t, h, path).Code; code != http.StatusOK {
						t.Errorf("%s: %s answers %d", page, path, code)
					}
				}
			}
			if csp := got.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "connect-src 'self' wss://parts.example;") {
				t.Errorf("%s: the policy is %s", page, csp)
			}
		}
	}
	if got := open(t, h, "/apps/line"); got.Code != http.StatusPermanentRedirect || got.Header().Get("Location") != "/apps/line/" {
		t.Errorf("without a slash at its end: %d %s", got.Code, got.Header().Get("Location"))
	}
	for _, path := range []string{"/apps/linear/parts/one", "/apps/parts/one"} {
		if got := open(t, h, path); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
}

func TestPublicURL_prefixOfManifestAndWorker(t *testing.T) {
	h := serve(t, func(o *server.Options) { o.PublicURL = "https://parts.example/apps" })
	var m struct {
		ID, Scope string
		StartURL  string `json:"start_url"`
		Icons     []struct{ Src string }
	}
	if err := json.Unmarshal(open(t, h, "/apps/manifest.webmanifest").Body.Bytes(), &m); err != nil {
		t.Fatal(err)
	}
	if m.ID != "/apps/" || m.Scope != "/apps/" || m.StartURL != "/apps/" || !strings.HasPrefix(m.Icons[0].Src, "/apps/web/") {
		t.Errorf("the manifest is %+v", m)
	}
	has(t, open(t, h, "/apps/worker.js"), `const base = "/apps";`, `["/apps/web/style-`)
	has(t, open(t, h, "/apps/parts/one"), `data-base="/apps"`, `data-wasm="/apps`+wasmPath)
}

func TestPublicURL_isTheOwnSite(t *testing.T) {
	h := serve(t, func(o *server.Options) { o.PublicURL = "https://parts.example/apps" })
	for origin, want := range map[string]int{
		"https://parts.example":      http.StatusOK,
		"http://parts.example":       http.StatusForbidden,
		"https://parts.example:8443": http.StatusForbidden,
		"http://10.0.0.5:8080":       http.StatusForbidden, // what the proxy calls it
	} {
		for _, path := range []string{"/hubs/connected/negotiate", "/apps/hubs/connected/negotiate", "/apps/Hubs/Connected/"} {
			r := httptest.NewRequest(http.MethodPost, "http://10.0.0.5:8080"+path, nil)
			r.Header.Set("Origin", origin)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if strings.HasSuffix(path, "/") && w.Code != http.StatusForbidden {
				w.Code = http.StatusOK // it misses an id, and that is said by the hub
			}
			if w.Code != want {
				t.Errorf("%s of %s: %d %s", path, origin, w.Code, w.Body)
			}
		}
	}
}

func FuzzPublicURL(f *testing.F) {
	f.Add("https://parts.example/apps")
	f.Add("http://[::1]:8080")
	f.Fuzz(func(t *testing.T, url string) {
		origin, prefix, err := server.ParsePublicURL(url)
		if err != nil || url == "" {
			return
		}
		if strings.Trim(prefix, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/") != "" ||
			strings.Contains(prefix+"/", "//") || strings.Contains(prefix+"/", "/../") || strings.HasSuffix(prefix, "/") {
			t.Errorf("%q has the prefix %q", url, prefix)
		}
		again, same, err := server.ParsePublicURL(origin + prefix)
		if err != nil || again != origin || same != prefix {
			t.Errorf("%q is read as %q and %q, and these as %q and %q, %v", url, origin, prefix, again, same, err)
		}
	})
}
