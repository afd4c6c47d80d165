package gateway_test

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"partline.dev/server/edge/gateway"
	"partline.dev/server/grants"
	"partline.dev/server/keys"
)

// Forward sends r on by HTTP.
func (p *platform) Forward(w http.ResponseWriter, r *http.Request) error {
	p.mu.Lock()
	p.sent = append(p.sent, r)
	fails := p.fails
	p.mu.Unlock()
	if fails != nil {
		return fails
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	maps.Copy(w.Header(), response.Header)
	w.WriteHeader(response.StatusCode)
	part := make([]byte, 1024)
	for {
		n, err := response.Body.Read(part)
		_, _ = w.Write(part[:n])
		_ = http.NewResponseController(w).Flush()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// behind is a gateway before a server whose hubs answer as hubs does.
func behind(t *testing.T, hubs http.HandlerFunc, change ...func(*gateway.Options)) *edge {
	t.Helper()
	server := httptest.NewServer(hubs)
	t.Cleanup(func() {
		server.Close()
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	})
	return newEdge(t, "", append([]func(*gateway.Options){func(o *gateway.Options) { o.Origin = server.URL }}, change...)...)
}

func TestOrigin_getsTheVeryRequest(t *testing.T) {
	var got *http.Request
	var body []byte
	e := behind(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.Header().Add("Set-Cookie", "a=b; Expires=Wed, 21 Oct 2026 07:28:00 GMT")
		w.Header().Add("Set-Cookie", "c=d")
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, "its own answer")
	})
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/hubs/connected/negotiate?negotiateVersion=1&a=%20b", `{"name":"Ann","where":{"scope":"page","page":"AAAAAAAAAAAAAAAAAAAAAA"}}`},
		{"POST", "/hubs/connected?id=x", "some bytes\x1e"},
		{"GET", "/hubs/connected?id=x", ""},
		{"DELETE", "/hubs/connected?id=x", ""},
		{"POST", "/signalr/send?transport=longPolling", "data=x"},
		{"POST", "/api/v1/publish", `{"hub":"connected"}`},
	} {
		r := request(c.method, c.path, c.body, "Origin", "https://site.example", "Cookie", "k=v; l=w", "Content-Type", "application/json",
			"X-Forwarded-For", "6.6.6.6", "X-Forwarded-Host", "evil.example", "Forwarded", "for=6.6.6.6", "Authorization", "")
		r.Header.Del("Authorization")
		r.RemoteAddr = "192.0.2.7:1234"
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		if w.Code != http.StatusAccepted || w.Body.String() != "its own answer" || len(w.Header()["Set-Cookie"]) != 2 {
			t.Fatalf("%s %s: %d %v %s", c.method, c.path, w.Code, w.Header(), w.Body)
		}
		if got.Method != c.method || got.URL.RequestURI() != c.path || string(body) != c.body {
			t.Errorf("%s %s became %s %s with %q", c.method, c.path, got.Method, got.URL.RequestURI(), body)
		}
		for name, want := range map[string]string{
			"Origin": "https://site.example", "Cookie": "k=v; l=w", "Content-Type": "application/json",
			"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Host": "parts.example", "X-Forwarded-Proto": "http", "Forwarded": "",
		} {
			if have := strings.Join(got.Header.Values(name), "|"); have != want {
				t.Errorf("%s %s: %s is %q, not %q", c.method, c.path, name, have, want)
			}
		}
	}
	if asked := e.questions(); len(asked) != 0 {
		t.Errorf("rooms were asked: %v", asked)
	}
}

func TestOrigin_answersWhileItComes(t *testing.T) {
	more := make(chan struct{})
	e := behind(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: first\n\n")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-more:
		case <-r.Context().Done():
		}
		_, _ = io.WriteString(w, "data: second\n\n")
	})
	served := httptest.NewServer(e)
	defer served.Close()
	response, err := http.Get(served.URL + "/hubs/connected?id=x")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	first := make([]byte, len("data: first\n\n"))
	if _, err := io.ReadFull(response.Body, first); err != nil {
		t.Fatal(err)
	}
	close(more)
	rest, err := io.ReadAll(response.Body)
	if err != nil || string(rest) != "data: second\n\n" {
		t.Errorf("%q, %v", rest, err)
	}
}

func TestOrigin_usesTicketsUpItself(t *testing.T) {
	asked := 0
	e := behind(t, func(w http.ResponseWriter, _ *http.Request) { asked++ })
	good, err := grants.Mint(e.signer, grants.Ticket{User: "ann"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	forged, err := grants.Mint(keys.NewSigner(keys.Random()), grants.Ticket{User: "ann"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // whether it was used is not known here
		if w := negotiate(e, `{"ticket":"`+good+`"}`); w.Code != http.StatusOK {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	w := negotiate(e, `{"ticket":"`+forged+`"}`)
	if w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), `"code":"ticket"`) || asked != 2 {
		t.Errorf("a forged one: %d %s, asked %d times", w.Code, w.Body, asked)
	}

	// Without keys nobody but the server can say.
	e = behind(t, func(http.ResponseWriter, *http.Request) { asked++ }, func(o *gateway.Options) { o.Signer = nil })
	if w := negotiate(e, `{"ticket":"`+forged+`"}`); w.Code != http.StatusOK || asked != 3 {
		t.Errorf("without keys: %d %s, asked %d times", w.Code, w.Body, asked)
	}
}

func TestOrigin_isNotReached(t *testing.T) {
	e := behind(t, func(http.ResponseWriter, *http.Request) {})
	e.fails = errors.New("no route to 10.0.0.7")
	w := ask(e, "GET", "/hubs/connected?id=x", "")
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "10.0.0.7") || !strings.Contains(e.log.String(), "10.0.0.7") {
		t.Errorf("%d %v %s; the log: %s", w.Code, w.Header(), w.Body, e.log)
	}
	for _, c := range []struct{ path, origin string }{{"/hubs/connected/negotiate", "https://evil.example"}, {"/hubs/connected?id=x", "null"}} {
		if w := ask(e, "POST", c.path, "", "Origin", c.origin); w.Code != http.StatusForbidden {
			t.Errorf("%s of %s: %d", c.path, c.origin, w.Code)
		}
	}
}

func TestNew_refuses(t *testing.T) {
	for what, o := range map[string]gateway.Options{
		"an origin with a path":   {Origin: "https://hubs.example/apps"},
		"an origin of no scheme":  {Origin: "hubs.example"},
		"a public URL with path":  {PublicURL: "https://parts.example/apps"},
		"a public URL of nothing": {PublicURL: "parts"},
	} {
		if _, err := gateway.New(o); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}
