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

func TestExample_usesTheNPMClientWhereItIs(t *testing.T) {
	addr, demo := freeAddr(t), "localhost:"+port(t, freeAddr(t))
	client := filepath.Join(t.TempDir(), "signalr.min.js")
	running(t, server.Options{Addr: addr, DevHostAddr: demo, Dev: true, DevSignalR: client})
	page := func() (string, http.Header) {
		t.Helper()
		transport := &http.Transport{DisableKeepAlives: true}
		r, err := (&http.Client{Transport: transport}).Get("http://" + demo + "/signalr")
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		_, body := get(t, "http://"+demo+"/signalr")
		return body, r.Header
	}
	if body, _ := page(); strings.Contains(body, "<script") || !strings.Contains(body, "is not here") || !strings.Contains(body, "make serve") {
		t.Errorf("without the client the page is\n%s", body)
	}
	if status, _ := get(t, "http://"+demo+"/signalr.js"); status != http.StatusNotFound {
		t.Errorf("a client that is not there is answered with %d", status)
	}
	if err := os.WriteFile(client, []byte("the client"), 0o600); err != nil {
		t.Fatal(err)
	}
	body, header := page()
	for _, piece := range []string{`src="/signalr.js"`, `src="/chat.js"`, `data-hub="http://` + addr + `/chat"`, `title="Connected Part - One"`, "MIT licence", `aria-current="page">SignalR chat`} {
		if !strings.Contains(body, piece) {
			t.Errorf("the page has no %s:\n%s", piece, body)
		}
	}
	policy := header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "script-src 'self'; connect-src http://"+addr+"/ ws://"+addr+"/") {
		t.Errorf("its policy is %s", policy)
	}
	for path, want := range map[string]string{"/signalr.js": "the client", "/chat.js": "signalR.HubConnectionBuilder"} {
		if status, got := get(t, "http://"+demo+path); status != http.StatusOK || !strings.Contains(got, want) {
			t.Errorf("%s is answered with %d", path, status)
		}
	}
}

// The example's hub is there in development, with the built-in hubs, and nowhere
// else.
func TestExample_isForDevelopment(t *testing.T) {
	negotiates := func(change func(*server.Options)) bool {
		t.Helper()
		h := serve(t, change)
		return ask(t, h, http.MethodPost, "/chat/negotiate?negotiateVersion=1").Code == http.StatusOK
	}
	if !negotiates(func(o *server.Options) { o.Dev = true }) {
		t.Error("in development there is no hub at /chat")
	}
	if negotiates(func(*server.Options) {}) {
		t.Error("there is a hub at /chat without --dev")
	}
	if negotiates(func(o *server.Options) { o.Dev, o.Hubs = true, []*hub.Mux{connected.New()} }) {
		t.Error("there is a hub at /chat that nobody asked for")
	}
	addr, demo := freeAddr(t), "localhost:"+port(t, freeAddr(t))
	running(t, server.Options{Addr: addr, DevHostAddr: demo, Dev: true, Hubs: []*hub.Mux{connected.New()}})
	for _, path := range []string{"/signalr", "/signalr.js", "/chat.js"} {
		if status, _ := get(t, "http://"+demo+path); status != http.StatusNotFound {
			t.Errorf("%s is answered with %d, where there is no example", path, status)
		}
	}
}
