package transport_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"partline.dev/server/connected"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// A stranger who is refused again and again does not fill the log.
func TestHostile_refusalsDoNotFillTheLog(t *testing.T) {
	var log bytes.Buffer
	host := transport.NewHost(&transport.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	core := hub.NewCore(host.Env(), nil)
	if err := core.Mount(connected.New()); err != nil {
		t.Fatal(err)
	}
	h := host.Handler(core, "connected", nil)
	for range 1000 {
		r := httptest.NewRequest(http.MethodPost, "http://parts.example/hubs/connected/negotiate", nil)
		r.Header.Set("Origin", "https://evil.example")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusForbidden {
			t.Fatalf("status %d", w.Code)
		}
	}
	if n := strings.Count(log.String(), "refused a request for its origin"); n == 0 || n > 20 {
		t.Errorf("1,000 refusals are told %d times, want 1 to 20", n)
	}
	if err := host.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// Nor does one whose mistake comes later: in the upgrade, in the handshake, or in
// the first message.
func TestHostile_mistakesDoNotFillTheLog(t *testing.T) {
	var lines lineCount
	told := slog.New(slog.NewTextHandler(&lines, nil))
	s := serve(t, &transport.Options{Log: told}, func(o *hub.Options) { o.Log = told })
	for range 50 {
		c := dialTCP(t, s.addr)
		c.write([]byte(strings.Replace(upgrade(s.addr, "/talk"), "Version: 13", "Version: 12", 1)))
		if status, _ := c.response(); status != http.StatusBadRequest {
			t.Fatalf("status %d", status)
		}
		for _, mistake := range []string{`{"protocol":"none","version":1}` + rs, handshakeJSON + "no message" + rs} {
			c := dialRaw(t, s.addr, "/talk")
			c.send(text, mistake)
			for c.next().first != closeF {
			}
		}
	}
	if n := lines.Load(); n == 0 || n > 20 {
		t.Errorf("150 mistakes are told in %d lines, want 1 to 20", n)
	}
}

// lineCount is a log of which only the length matters.
type lineCount struct{ atomic.Int64 }

func (l *lineCount) Write(line []byte) (int, error) {
	l.Add(1)
	return len(line), nil
}
