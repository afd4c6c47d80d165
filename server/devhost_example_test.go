package server_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"partline.dev/server"
	"partline.dev/server/connected"
	"partline.dev/server/hub"
)

// openHost is a page of a demo host, and what it was sent with.
func openHost(t *testing.T, url string) (body string, header http.Header) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	r, err := (&http.Client{Transport: transport}).Get(url)
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	_, body = get(t, url)
	return body, r.Header
}

func TestExamples_useTheNPMClientsWhereTheyAre(t *testing.T) {
	addr, demo := freeAddr(t), "localhost:"+port(t, freeAddr(t))
	npm := t.TempDir()
	running(t, server.Options{Addr: addr, DevHostAddr: demo, Dev: true, DevNPM: npm})
	site, hubs := "http://"+demo, "http://"+addr
	examples := map[string]struct {
		needs  map[string]string // its npm clients: their files, by their paths
		label  string            // its own in the list of pages; empty: it is in none
		pieces []string
		policy string
	}{
		"/signalr": {
			map[string]string{"/npm/signalr.js": "@microsoft/signalr/dist/browser/signalr.min.js"}, "SignalR chat",
			[]string{`src="/signalr.js" type="module"`, `data-hub="` + hubs + `/chat"`, `title="Connected Part - One"`, "MIT licence"},
			"script-src 'self'; connect-src " + hubs + "/ ws://" + addr + "/",
		},
		"/signalr2/peer": {
			classicNeeds, "SignalR 2 chat",
			[]string{`src="/peerchat.js" type="module"`, `data-hub="` + hubs + `/peer/signalr"`, `src="` + hubs + `/peer/signalr/hubs"`, "Apache licence"},
			"script-src 'self' " + hubs + "/peer/signalr/hubs; connect-src " + hubs + "/ ws://" + addr + "/",
		},
		"/signalr2/mvc": {
			classicNeeds, "SignalR 2 MVC chat",
			[]string{`src="/mvcchat.js" type="module"`, `data-hub="` + hubs + `/mvc/signalr"`, `src="` + hubs + `/mvc/signalr/hubs"`},
			"script-src 'self' " + hubs + "/mvc/signalr/hubs;",
		},
		"/signalr2/parts/two": {
			classicNeeds, "",
			[]string{`src="/parts.js" type="module"`, `data-hub="` + hubs + `/signalr"`, `src="` + hubs + `/signalr/hubs"`, `value="jQuery Part Two"`},
			"frame-ancestors 'self';",
		},
	}
	for path, e := range examples {
		body, _ := openHost(t, site+path)
		if strings.Contains(body, "<script") || !strings.Contains(body, "is not here") || !strings.Contains(body, "make serve") {
			t.Errorf("without its client %s is\n%s", path, body)
		}
		for at := range e.needs {
			if status, _ := get(t, site+at); status != http.StatusNotFound {
				t.Errorf("a client that is not there is answered with %d at %s", status, at)
			}
		}
	}
	for path, e := range examples {
		for _, file := range e.needs {
			file = filepath.Join(npm, filepath.FromSlash(file))
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte("the client"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		body, header := openHost(t, site+path)
		for _, piece := range e.pieces {
			if !strings.Contains(body, piece) {
				t.Errorf("%s has no %s:\n%s", path, piece, body)
			}
		}
		if own := `aria-current="page">` + e.label; e.label != "" && !strings.Contains(body, own) {
			t.Errorf("%s does not say which of the pages it is", path)
		}
		if policy := header.Get("Content-Security-Policy"); !strings.Contains(policy, e.policy) || strings.Contains(policy, "unsafe") {
			t.Errorf("the policy of %s is %s", path, policy)
		}
		for at := range e.needs {
			if status, got := get(t, site+at); status != http.StatusOK || got != "the client" || !strings.Contains(body, `src="`+at+`"`) {
				t.Errorf("%s is answered with %d: %s", at, status, got)
			}
		}
	}
	for path, want := range map[string]string{"/signalr.js": "signalR.HubConnectionBuilder", "/parts.js": "$.connection.chatHub", "/chat.js": "export"} {
		if status, got := get(t, site+path); status != http.StatusOK || !strings.Contains(got, want) {
			t.Errorf("%s is answered with %d", path, status)
		}
	}
}

var classicNeeds = map[string]string{
	"/npm/jquery.js":         "jquery/dist/jquery.min.js",
	"/npm/jquery.signalR.js": "signalr/jquery.signalR.min.js",
}

// The page of the connected parts is a host page: its scripts are in its frames.
func TestExamples_connectedPartsAreInFrames(t *testing.T) {
	addr, demo := freeAddr(t), "localhost:"+port(t, freeAddr(t))
	running(t, server.Options{Addr: addr, DevHostAddr: demo, Dev: true})
	body, header := openHost(t, "http://"+demo+"/signalr2/parts")
	for _, frame := range []string{`src="/signalr2/parts/one" title="Connected Part - One, with jQuery"`, `src="/signalr2/parts/two"`, `src="http://` + addr + `/parts/one?scope=tenant"`} {
		if !strings.Contains(body, frame) {
			t.Errorf("there is no frame %s in\n%s", frame, body)
		}
	}
	policy := header.Get("Content-Security-Policy")
	if strings.Contains(body, "<script") || strings.Contains(policy, "script-src") || !strings.Contains(policy, "frame-src http://"+addr+"/ 'self'") {
		t.Errorf("its policy is %s", policy)
	}
	if list, _ := openHost(t, "http://"+demo+"/"); strings.Contains(list, "/signalr2/parts/") {
		t.Error("a page that is for a frame is listed")
	}
}

// The examples' hubs are there in development, with the built-in hubs, and nowhere
// else.
func TestExamples_areForDevelopment(t *testing.T) {
	for _, path := range []string{"/chat", "/peer/signalr", "/mvc/signalr"} {
		negotiates := func(change func(*server.Options)) bool {
			t.Helper()
			h := serve(t, change)
			return ask(t, h, http.MethodPost, path+"/negotiate?negotiateVersion=1").Code == http.StatusOK
		}
		if !negotiates(func(o *server.Options) { o.Dev = true }) {
			t.Errorf("in development there is no hub at %s", path)
		}
		if negotiates(func(*server.Options) {}) {
			t.Errorf("there is a hub at %s without --dev", path)
		}
		if negotiates(func(o *server.Options) { o.Dev, o.Hubs = true, []*hub.Mux{connected.New()} }) {
			t.Errorf("there is a hub at %s that nobody asked for", path)
		}
	}
	addr, demo := freeAddr(t), "localhost:"+port(t, freeAddr(t))
	running(t, server.Options{Addr: addr, DevHostAddr: demo, Dev: true, Hubs: []*hub.Mux{connected.New()}})
	for _, path := range []string{"/signalr", "/npm/signalr.js", "/chat.js", "/signalr2/parts", "/signalr2/parts/one"} {
		if status, _ := get(t, "http://"+demo+path); status != http.StatusNotFound {
			t.Errorf("%s is answered with %d, where there is no example", path, status)
		}
	}
}
