package front_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"partline.dev/server/front"
)

func FuzzRequestedVersion(f *testing.F) {
	for _, s := range []string{"", "negotiateVersion=1", "negotiateVersion=-1", "NEGOTIATEVERSION=0x1", "negotiateVersion=%31", "negotiateVersion=1;x", "negotiateVersion= 1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest("POST", "/", nil)
		r.URL.RawQuery = query
		version, errText := front.RequestedVersion(r)
		if version < 0 || version > 1 || strings.ContainsAny(errText, "\"\\\n\r") {
			t.Errorf("%q: version %d, %q", query, version, errText)
		}
	})
}

func TestBearerToken(t *testing.T) {
	for _, row := range []struct {
		method, url string
		header      http.Header
		want        string
	}{
		{"POST", "/talk", http.Header{"Authorization": {"Bearer abc"}}, "abc"},
		{"POST", "/talk", http.Header{"Authorization": {"bearer  abc "}}, "abc"},
		{"POST", "/talk", http.Header{"Authorization": {"Basic abc"}}, ""},
		{"POST", "/talk", http.Header{"Authorization": {"Bearer"}}, ""},
		{"POST", "/talk?access_token=q", nil, ""},
		{"GET", "/talk?access_token=q", nil, ""},
		{"GET", "/talk?access_token=q", http.Header{"Accept": {"text/event-stream"}}, "q"},
		{"GET", "/talk?ACCESS_TOKEN=q", http.Header{"Accept": {"text/event-stream"}}, "q"},
		{"GET", "/talk?access_token=q", http.Header{"Upgrade": {"websocket"}}, "q"},
		{"GET", "/talk?access_token=q", http.Header{"Upgrade": {"websocket"}, "Authorization": {"Bearer h"}}, "h"},
		{"GET", "/talk?access_token=q", http.Header{"Upgrade": {"websocket"}, "Authorization": {"Basic h"}}, ""},
		{"DELETE", "/talk?access_token=q", http.Header{"Upgrade": {"websocket"}}, ""},
	} {
		r, err := http.NewRequest(row.method, row.url, nil)
		if err != nil {
			t.Fatal(errors.Unwrap(err))
		}
		r.ProtoMajor, r.Header = 1, row.header
		if got := front.BearerToken(r); got != row.want {
			t.Errorf("%s %s with %v: %q, want %q", row.method, row.url, row.header, got, row.want)
		}
	}
}

func FuzzBearerToken(f *testing.F) {
	for _, s := range []string{"", "Bearer", "Bearer ", "Bearer a", "bearer a b", "BEARER\ta", "Basic a", "Bearer  \x00", "Bearera"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, header, token string) {
		r := &http.Request{Method: "GET", ProtoMajor: 1, URL: &url.URL{Path: "/", RawQuery: url.Values{"access_token": {token}}.Encode()}, Header: http.Header{}}
		r.Header.Set("Accept", "text/event-stream")
		if header != "" {
			r.Header.Set("Authorization", header)
		}
		got := front.BearerToken(r)
		switch {
		case header == "" && got != token:
			t.Errorf("the query's %q was read as %q", token, got)
		case header != "" && !strings.Contains(header, got):
			t.Errorf("the header %q was read as %q", header, got)
		case header != "" && got != "" && !strings.EqualFold(header[:len("bearer ")], "bearer "):
			t.Errorf("the header %q has no bearer token, but was read as %q", header, got)
		}
	})
}
