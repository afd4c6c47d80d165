package worker_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

func TestGateway_filesThatTellTheirContentNeedNoCode(t *testing.T) {
	e := start(t, nil, nil)
	reply, body := e.get(t, "/web/style-0123.css")
	if body != "p{}" || reply.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
		t.Errorf("the file is %q with %v", body, reply.Header)
	}
	for _, path := range []string{"/page.html", "/page", "/", "/_headers"} {
		if _, body := e.get(t, path); body != "asked for "+path+", upgrade false" {
			t.Errorf("%s is answered without Go: %q", path, body)
		}
	}
	if reply, body := e.get(t, "/web/none"); reply.StatusCode == http.StatusOK && !strings.HasPrefix(body, "asked for") {
		t.Errorf("a file that is not there is %q", body)
	}
}

func TestGateway_socketWithoutAToken(t *testing.T) {
	e := start(t, nil, nil)
	a := e.dial(t, "/hubs/direct?room=direct", nil)
	a.hears("connected 0 direct ")
}

func TestGateway_tokensOfNoRoomAreGosToRefuse(t *testing.T) {
	e := start(t, nil, nil)
	for _, id := range []string{"x", "0." + strings.Repeat("0", 64), strings.Repeat("0", 64) + ".x", strings.Repeat("g", 64) + ".x"} {
		conn, reply, err := e.try("/hubs/connected?room=r&id="+id, nil)
		if err == nil {
			_ = conn.CloseNow()
			t.Fatalf("%s was let in", id)
		}
		if body, _ := io.ReadAll(reply.Body); string(body) != "asked for /hubs/connected, upgrade true" {
			t.Errorf("%s is answered with %d: %q", id, reply.StatusCode, body)
		}
	}
}

func TestGateway_saysWhenItsProgramHasEnded(t *testing.T) {
	e := start(t, nil, nil)
	reply, body := e.get(t, "/panic?room=r")
	if reply.StatusCode != http.StatusServiceUnavailable || body != "the server is not there now; try again\n" || reply.Header.Get("Retry-After") == "" {
		t.Errorf("it says %d, %v: %s", reply.StatusCode, reply.Header, body)
	}
	e.logs(t, "panic: told to", "a request was not answered")
}

func TestGateway_leadsSocketsToTheOrigin(t *testing.T) {
	asked := make(chan *http.Request, 1)
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hubs/none" {
			http.Error(w, "none of ours", http.StatusNotFound)
			return
		}
		asked <- r
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
		if err != nil {
			return
		}
		defer func() { _ = conn.CloseNow() }()
		kind, text, err := conn.Read(context.Background())
		if err == nil {
			_ = conn.Write(context.Background(), kind, append([]byte("the origin heard "), text...))
		}
		_ = conn.Close(4242, "enough")
	}))
	defer origin.Close()
	e := start(t, map[string]string{"ORIGIN": origin.URL + "/"}, nil)
	a := e.dial(t, "/hubs/connected?id=a%20token&x=1", http.Header{
		"Origin": {"https://contoso.example"}, "X-Forwarded-For": {"203.0.113.9"}, "Forwarded": {"for=203.0.113.9"}, "X-Forwarded-Host": {"evil.example"},
	})
	a.asks("hello", "the origin heard hello")
	a.hears("ended StatusCode(4242) enough")
	r := <-asked
	if r.URL.Path != "/hubs/connected" || r.URL.RawQuery != "id=a%20token&x=1" || r.Header.Get("Origin") != "https://contoso.example" {
		t.Errorf("the origin was asked for %s by %q", r.URL, r.Header.Get("Origin"))
	}
	at := strings.TrimPrefix(e.workers.URL(), "http://")
	if from := r.Header.Get("X-Forwarded-For"); from == "" || strings.Contains(from, "203.0.113.9") || r.Header.Get("X-Forwarded-Host") != at || r.Header.Get("X-Forwarded-Proto") != "http" || r.Header.Get("Forwarded") != "" {
		t.Errorf("the origin was told %v", r.Header)
	}
	conn, reply, err := e.try("/hubs/none?id=x", nil)
	if err == nil {
		_ = conn.CloseNow()
		t.Fatal("who was refused by the origin was let in")
	}
	if body, _ := io.ReadAll(reply.Body); reply.StatusCode != http.StatusNotFound || string(body) != "none of ours\n" {
		t.Errorf("it was refused with %d: %q", reply.StatusCode, body)
	}
}
