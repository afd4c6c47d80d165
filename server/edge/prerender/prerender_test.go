package prerender_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"partline.dev/internal/testkit/program"
	"partline.dev/server/edge/gateway"
	"partline.dev/server/edge/prerender"
)

func render(t *testing.T) (dir string, index *gateway.Index) {
	t.Helper()
	dir = t.TempDir()
	if err := prerender.Render(t.Context(), dir, prerender.Options{App: program.Built()}); err != nil {
		t.Fatal(err)
	}
	index, err := gateway.ReadIndex(read(t, dir, gateway.IndexFile))
	if err != nil {
		t.Fatal(err)
	}
	return dir, index
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestRender_hasEveryPageInEveryLanguage(t *testing.T) {
	dir, index := render(t)
	for _, name := range []string{"list", "offline", "not-found", "parts/one", "parts/two", "refused-nobody", "refused-only", "refused-file", "refused-tenant"} {
		for _, lang := range []string{"en", "de", "ar"} {
			text := string(read(t, dir, index.Pages[name][lang]))
			want := `<html lang="` + lang + `"`
			if name == "offline" {
				want = `lang="` + lang + `"` // it is in all of them
			}
			if !strings.Contains(text, want) || !strings.HasSuffix(text, "</html>\n") {
				t.Errorf("%s in %s is\n%s", name, lang, text)
			}
			if strings.Contains(text, "/install") || strings.Contains(text, "invalid") && !strings.HasPrefix(name, "refused") {
				t.Errorf("%s in %s names what is not there:\n%s", name, lang, text)
			}
		}
	}
}

func TestRender_writesWhatPagesNeed(t *testing.T) {
	dir, index := render(t)
	if got := read(t, dir, "web/"+program.Name); !bytes.Equal(got, program.Plain) {
		t.Errorf("the program has %d bytes", len(got))
	}
	if len(index.Files) < 10 || !slices.Contains(index.Files, "/web/"+program.Name) {
		t.Error(index.Files)
	}
	for _, path := range index.Files {
		read(t, dir, strings.TrimPrefix(path, "/"))
	}
	headers := string(read(t, dir, "_headers"))
	for _, want := range []string{
		"/web/*\n", "  Cache-Control: public, max-age=31536000, immutable\n", "  Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\n",
		"  Cross-Origin-Resource-Policy: same-origin\n", "  Referrer-Policy: no-referrer\n", "  X-Content-Type-Options: nosniff\n",
	} {
		if !strings.Contains(headers, want) {
			t.Errorf("there is no %q in\n%s", want, headers)
		}
	}
	if strings.Count(headers, "\n") != 6 {
		t.Error(headers)
	}
}

func TestRender_wantsAProgram(t *testing.T) {
	err := prerender.Render(t.Context(), t.TempDir(), prerender.Options{App: fstest.MapFS{}})
	if !errors.Is(err, prerender.ErrNotBuilt) {
		t.Error(err)
	}
}
