//go:build !js

package client_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	client "partline.dev/wasmclient"
)

// TestNative_pollsOnce when a poll's connection breaks: what the hub answered to
// it is lost, and another poll would hide that.
func TestNative_pollsOnce(t *testing.T) {
	var polls atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method == http.MethodGet && len(body) > 0 {
			t.Errorf("a GET with %d bytes", len(body))
		}
		switch {
		case r.URL.Path == "/negotiate":
			_, _ = io.WriteString(w, `{"connectionToken":"a","availableTransports":[{"transport":"LongPolling","transferFormats":["Text"]}]}`)
		case r.Method == http.MethodGet:
			switch polls.Add(1) {
			case 1: // nothing, at once
			case 2:
				_, _ = io.WriteString(w, "{}\x1e")
			default:
				panic(http.ErrAbortHandler)
			}
		}
	}))
	t.Cleanup(s.Close)
	if err := fails(t, s.URL, &client.Options{RetryBase: suiteGuard, RetryMax: suiteGuard}); err == nil {
		t.Error("a poll that broke is no failure")
	}
	if n := polls.Load(); n != 3 {
		t.Errorf("%d polls", n)
	}
}
