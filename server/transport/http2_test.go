package transport_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// serveHTTP2 starts a server of HTTP/2 with the times of a server of files.
func serveHTTP2(t *testing.T, changes ...func(*hub.Options)) (s *server, client *http.Client, url string) {
	t.Helper()
	// Times of a write and of a read, not of what is between two.
	s = serve(t, &transport.Options{SendTimeout: time.Second, HandshakeTimeout: time.Second}, changes...)
	h2 := httptest.NewUnstartedServer(s.mux)
	h2.EnableHTTP2 = true
	h2.Config.ReadTimeout = time.Second
	h2.Config.WriteTimeout = time.Second
	h2.StartTLS()
	t.Cleanup(h2.Close)
	// Before the server waits for its requests they are ended.
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), hangGuard)
		defer cancel()
		_ = s.host.Shutdown(ctx)
	})
	return s, h2.Client(), h2.URL
}

// do makes a request over HTTP/2.
func doHTTP2(t *testing.T, client *http.Client, method, url, body string, headers ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	if res.ProtoMajor != 2 {
		t.Fatalf("%s came over %s", url, res.Proto)
	}
	return res
}

func readAll(t *testing.T, res *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// tokenOf is the connection token of a negotiation.
func tokenOf(body string) string {
	_, token, _ := strings.Cut(body, `"connectionToken":"`)
	token, _, _ = strings.Cut(token, `"`)
	return token
}

func TestHTTP2_events(t *testing.T) {
	s, client, url := serveHTTP2(t)
	id := url + "/talk?id=" + tokenOf(readAll(t, doHTTP2(t, client, "POST", url+"/talk/negotiate?negotiateVersion=1", "")))
	stream := doHTTP2(t, client, "GET", id, "", "Accept: text/event-stream")
	r := bufio.NewReader(stream.Body)
	next := func() string {
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if data, ok := strings.CutPrefix(line, "data: "); ok {
				return strings.TrimSuffix(data, "\r\n")
			}
		}
	}
	if res := doHTTP2(t, client, "POST", id, handshakeJSON); res.StatusCode != http.StatusOK {
		t.Fatalf("POST: %s", readAll(t, res))
	}
	if got := next(); got != "{}\x1e" {
		t.Fatalf("the handshake was answered with %q", got)
	}
	// It outlives the times of the server.
	timer := time.AfterFunc(2500*time.Millisecond, func() { s.publish("late") })
	defer timer.Stop()
	if got := next(); got != heard("late")+"\x1e" {
		t.Errorf("heard %q", got)
	}
}

func TestHTTP2_poll(t *testing.T) {
	s, client, url := serveHTTP2(t)
	id := url + "/talk?id=" + tokenOf(readAll(t, doHTTP2(t, client, "POST", url+"/talk/negotiate?negotiateVersion=1", "")))
	poll := func() string { return readAll(t, doHTTP2(t, client, "GET", id, "")) }
	poll()
	doHTTP2(t, client, "POST", id, handshakeJSON)
	if got := poll(); got != "{}\x1e" {
		t.Fatalf("the handshake was answered with %q", got)
	}
	timer := time.AfterFunc(2500*time.Millisecond, func() { s.publish("late") })
	defer timer.Stop()
	if got := poll(); got != heard("late")+"\x1e" {
		t.Errorf("heard %q", got)
	}
	long := strings.Repeat("x", 1<<20)
	s.publish(long)
	if got := poll(); got != heard(long)+"\x1e" {
		t.Errorf("%d bytes came", len(got))
	}
	if res := doHTTP2(t, client, "DELETE", id, ""); res.StatusCode != http.StatusAccepted {
		t.Errorf("DELETE: %d", res.StatusCode)
	}
}

func TestHTTP2_postThatWaits(t *testing.T) {
	s, client, url := serveHTTP2(t, func(o *hub.Options) { o.QueueLimit = 1000 })
	id := url + "/talk?id=" + tokenOf(readAll(t, doHTTP2(t, client, "POST", url+"/talk/negotiate?negotiateVersion=1", "")))
	poll := func() string { return readAll(t, doHTTP2(t, client, "GET", id, "")) }
	poll()
	doHTTP2(t, client, "POST", id, handshakeJSON+`{"type":1,"target":"Wait","arguments":[]}`+"\x1e")
	<-s.begun
	timer := time.AfterFunc(2500*time.Millisecond, func() { close(s.goOn) })
	defer timer.Stop()
	one := `{"type":1,"target":"Say","arguments":["x"]}` + "\x1e"
	if res := doHTTP2(t, client, "POST", id, strings.Repeat(one, 1000)); res.StatusCode != http.StatusOK {
		t.Errorf("status %d, %s", res.StatusCode, readAll(t, res))
	}
	for n := 0; n < 1000; {
		n += strings.Count(poll(), heard("x"))
	}
	doHTTP2(t, client, "DELETE", id, "")
}

func TestHTTP2_noWebSocket(t *testing.T) {
	// Neither an upgrade, which HTTP/2 does not have, nor extended CONNECT.
	s := serve(t, nil)
	for _, r := range []*http.Request{
		httptest.NewRequest("GET", "/talk", nil),
		httptest.NewRequest("CONNECT", "/talk", nil),
	} {
		r.ProtoMajor, r.ProtoMinor, r.Proto = 2, 0, "HTTP/2.0"
		for _, h := range upgradeHeaders {
			name, value, _ := strings.Cut(h, ": ")
			r.Header.Set(name, value)
		}
		r.Header.Set(":protocol", "websocket")
		w := httptest.NewRecorder()
		s.mux.ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest && w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: status %d, %s", r.Method, w.Code, w.Body)
		}
	}
}

func TestHTTP2_raw(t *testing.T) {
	s, client, url := serveHTTP2(t)
	s.raw(func(ctx context.Context, c *transport.Connection) error {
		p, err := c.Read(ctx)
		if err != nil {
			return err
		}
		return c.Write(ctx, p)
	}, nil)
	id := url + "/raw?id=" + tokenOf(readAll(t, doHTTP2(t, client, "POST", url+"/raw/negotiate?negotiateVersion=1", "")))
	stream := doHTTP2(t, client, "GET", id, "", "Accept: text/event-stream")
	doHTTP2(t, client, "POST", id, "one\ntwo")
	if got, want := readAll(t, stream), ":\r\ndata: one\r\ndata: two\r\n\r\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
