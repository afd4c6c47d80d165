package transport_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
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
