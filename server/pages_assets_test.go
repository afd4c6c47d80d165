package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"partline.dev/internal/testkit/program"
	"partline.dev/server"
)

const forever = "public, max-age=31536000, immutable"

func TestProgram_comesInTheSmallestFormThatIsRead(t *testing.T) {
	h := serve(t, nil)
	for _, e := range []struct{ accepts, encoding string }{
		{"gzip, deflate, br, zstd", "br"},
		{"BR", "br"},
		{"br;q=1.0, gzip;q=0.5", "br"},
		{"br;q=0, gzip", "gzip"},
		{"br; q=0.000, gzip", "gzip"},
		{"br;q=x, gzip", "gzip"},
		{"gzip", "gzip"},
		{"brotli", ""},
		{"identity", ""},
		{"", ""},
	} {
		got := open(t, h, wasmPath, "Accept-Encoding", e.accepts)
		head := got.Header()
		if got.Code != http.StatusOK || head.Get("Content-Encoding") != e.encoding {
			t.Errorf("%q is answered with %d, %q", e.accepts, got.Code, head.Get("Content-Encoding"))
		}
		if head.Get("Content-Type") != "application/wasm" || head.Get("Cache-Control") != forever || head.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q is answered with %v", e.accepts, head)
		}
		if head.Get("Content-Length") != strconv.Itoa(got.Body.Len()) {
			t.Errorf("%q: %s bytes are announced, %d come", e.accepts, head.Get("Content-Length"), got.Body.Len())
		}
		if plain := unpack(t, got); e.encoding != "br" && !bytes.Equal(plain, program.Plain) {
			t.Errorf("%q is answered with %d other bytes", e.accepts, len(plain))
		}
	}
}

func unpack(t *testing.T, got *httptest.ResponseRecorder) []byte {
	t.Helper()
	if got.Header().Get("Content-Encoding") != "gzip" {
		return got.Body.Bytes()
	}
	r, err := gzip.NewReader(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func TestFiles_areKeptForEver(t *testing.T) {
	h := serve(t, nil)
	names := regexp.MustCompile(`"(/web/([a-z0-9_-]+)-[0-9a-f]{16}\.([a-z]+))"`)
	kinds := map[string]string{
		"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
		"png": "image/png", "svg": "image/svg+xml", "wasm": "application/wasm",
	}
	pages := open(t, h, "/parts/one").Body.String() + open(t, h, "/manifest.webmanifest").Body.String()
	files := names.FindAllStringSubmatch(pages, -1)
	if len(files) < 8 {
		t.Fatalf("only %d files are named", len(files))
	}
	for _, file := range files {
		for _, accepts := range []string{"", "gzip"} {
			got := open(t, h, file[1], "Accept-Encoding", accepts)
			head := got.Header()
			if got.Code != http.StatusOK || head.Get("Cache-Control") != forever || head.Get("Content-Type") != kinds[file[3]] {
				t.Errorf("%s is answered with %d, %v", file[1], got.Code, head)
			}
			if len(unpack(t, got)) == 0 {
				t.Errorf("%s is empty", file[1])
			}
		}
	}
}

func TestFiles_areThere(t *testing.T) {
	s, err := server.New(server.Options{App: program.Built(), PublicURL: "https://example.org/apps", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	files := s.Files()
	if len(files) < 10 || !slices.Contains(files, wasmPath) || !slices.IsSorted(files) {
		t.Error(files)
	}
	for _, path := range files {
		for _, prefix := range []string{"", "/apps"} {
			if file := ask(t, s.Handler(), "GET", prefix+path); file.Code != http.StatusOK || !strings.Contains(file.Header().Get("Cache-Control"), "immutable") {
				t.Errorf("%s is answered with %d, %v", prefix+path, file.Code, file.Header())
			}
		}
	}
}
