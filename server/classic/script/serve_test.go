package script_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"partline.dev/server/classic/script"
)

// ask asks a handler for the script, with pairs of header names and values.
func ask(h http.Handler, method string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "https://hub.example/signalr/hubs", nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestHandler_servesAnySite(t *testing.T) {
	text := script.Write(apis(), "/signalr")
	h := script.Handler(text)
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		// What a browser sends for <script> on a page of another site.
		got := ask(h, method, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "script", "Cookie", "a=b")
		want := map[string]string{
			"Content-Type":                 "application/javascript; charset=UTF-8",
			"Content-Length":               strconv.Itoa(len(text)),
			"Cache-Control":                "no-cache",
			"X-Content-Type-Options":       "nosniff",
			"Cross-Origin-Resource-Policy": "cross-origin",
			"Access-Control-Allow-Origin":  "*",
		}
		for name, value := range want {
			if got.Header().Get(name) != value {
				t.Errorf("%s: %s is %q", method, name, got.Header().Get(name))
			}
		}
		body := got.Body.String()
		if got.Code != http.StatusOK || method == http.MethodGet && body != string(text) || method == http.MethodHead && body != "" {
			t.Errorf("%s: %d and %d bytes", method, got.Code, len(body))
		}
	}
}

func TestHandler_isAskedAgainAndAnswersWithNothingNew(t *testing.T) {
	h := script.Handler([]byte("one"))
	tag := ask(h, http.MethodGet).Header().Get("ETag")
	if len(tag) < 10 || tag[0] != '"' {
		t.Fatalf("the tag is %q, and should be a strong one", tag)
	}
	for _, known := range []string{tag, `"x", ` + tag, "W/" + tag, "*"} {
		if got := ask(h, http.MethodGet, "If-None-Match", known); got.Code != http.StatusNotModified || got.Body.Len() > 0 || got.Header().Get("ETag") != tag {
			t.Errorf("%s: %d %q", known, got.Code, got.Body)
		}
	}
	if got := ask(script.Handler([]byte("two")), http.MethodGet, "If-None-Match", tag); got.Code != http.StatusOK || got.Body.String() != "two" {
		t.Errorf("another script: %d %q", got.Code, got.Body)
	}
}

func TestHandler_otherMethods(t *testing.T) {
	got := ask(script.Handler([]byte("one")), http.MethodPost)
	if got.Code != http.StatusMethodNotAllowed || got.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d, Allow %q", got.Code, got.Header().Get("Allow"))
	}
}
