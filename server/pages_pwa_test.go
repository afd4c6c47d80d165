package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"partline.dev/server"
)

func TestManifest_makesAnAppThatCanBeInstalled(t *testing.T) {
	h := serve(t, nil)
	got := open(t, h, "/manifest.webmanifest")
	if got.Code != http.StatusOK || got.Header().Get("Content-Type") != "application/manifest+json" {
		t.Fatalf("%d %v", got.Code, got.Header())
	}
	var m struct {
		ID, Name, Display, Scope, Lang, Dir string
		ShortName                           string `json:"short_name"`
		StartURL                            string `json:"start_url"`
		Icons                               []struct{ Src, Type, Sizes, Purpose string }
	}
	if err := json.Unmarshal(got.Body.Bytes(), &m); err != nil {
		t.Fatal(err)
	}
	if m.ID != "/" || m.Name == "" || m.ShortName == "" || m.Display != "standalone" || m.Scope != "/" || m.StartURL != "/" || m.Lang != "en" || m.Dir != "ltr" {
		t.Errorf("%+v", m)
	}
	var have []string
	for _, icon := range m.Icons {
		have = append(have, icon.Sizes+" "+icon.Purpose)
		file := open(t, h, icon.Src)
		if file.Code != http.StatusOK || file.Header().Get("Content-Type") != icon.Type {
			t.Errorf("%s is answered with %d, %v", icon.Src, file.Code, file.Header())
			continue
		}
		if icon.Type != "image/png" {
			continue
		}
		size, err := png.DecodeConfig(bytes.NewReader(file.Body.Bytes()))
		if err != nil || fmt.Sprintf("%dx%d", size.Width, size.Height) != icon.Sizes {
			t.Errorf("%s is %dx%d, not %s: %v", icon.Src, size.Width, size.Height, icon.Sizes, err)
		}
	}
	for _, want := range []string{"192x192 any", "512x512 any", "512x512 maskable"} {
		if !strings.Contains(strings.Join(have, "; "), want) {
			t.Errorf("there is no icon %s among %q", want, have)
		}
	}
}

func TestWorker_isFilledInAndBoundToThisServer(t *testing.T) {
	got := open(t, serve(t, nil), "/worker.js")
	if got.Code != http.StatusOK || got.Header().Get("Content-Type") != "text/javascript; charset=utf-8" || got.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("%d %v", got.Code, got.Header())
	}
	// The worker fetches for the page, under the policy of its own script.
	if policy := got.Header().Get("Content-Security-Policy"); policy != "default-src 'self'" {
		t.Error(policy)
	}
	if strings.Contains(got.Body.String(), "{{") {
		t.Error("it is not filled in")
	}
	has(t, got, `const base = "";`)
}

// A browser installs the worker anew when its text changes.
func TestWorker_changesWithWhatItKeeps(t *testing.T) {
	version := regexp.MustCompile(`partline-[0-9a-f]{16}`)
	read := func(change func(*server.Options)) string {
		return version.FindString(open(t, serve(t, change), "/worker.js").Body.String())
	}
	plain := read(nil)
	if plain == "" || plain != read(nil) {
		t.Errorf("two servers of one build disagree: %q", plain)
	}
	if plain == read(func(o *server.Options) { o.AllowHosts = []string{"https://host.example"} }) {
		t.Error("the page for offline keeps its old frame-ancestors")
	}
}

func TestOffline_isAPageWithoutIdentityInEveryLanguage(t *testing.T) {
	page := open(t, serve(t, nil), "/offline?name=zq7pwned", "Accept-Language", "de")
	has(t, page, "You are offline", "Sie sind offline", `lang="ar" dir="rtl" hidden`)
	if strings.Contains(page.Body.String(), "zq7pwned") || strings.Contains(page.Body.String(), "Connected Part") {
		t.Error(page.Body)
	}
}
