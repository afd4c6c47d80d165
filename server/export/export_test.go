package export_test

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"partline.dev/server/export"
	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares what is written with a file.
func golden(t *testing.T, file string, write func(io.Writer) error) {
	t.Helper()
	var got bytes.Buffer
	if err := write(&got); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("%s is not what is written now; if that is meant, run the test with -update. Now:\n%s", file, got.String())
	}
}

func TestTypeScript_golden(t *testing.T) {
	for _, c := range []struct {
		file    string
		options *export.TypeScriptOptions
		apis    []*contract.API
	}{
		{"connected.ts.golden", nil, []*contract.API{connected.API}},
		{"several.ts.golden", nil, []*contract.API{connected.API, shopAPI, cornersAPI}},
		{"several.messagepack.ts.golden", &export.TypeScriptOptions{MessagePack: true}, []*contract.API{connected.API, shopAPI, cornersAPI}},
	} {
		t.Run(c.file, func(t *testing.T) {
			golden(t, c.file, func(w io.Writer) error { return export.TypeScript(w, c.options, c.apis...) })
		})
	}
}

func TestExport_refuses(t *testing.T) {
	pair := func(a, b string) []*contract.API {
		return []*contract.API{contract.NewAPI(contract.NewHub(a)), contract.NewAPI(contract.NewHub(b))}
	}
	bad := contract.NewHub("bad")
	for _, c := range []struct {
		name, says string
		apis       []*contract.API
	}{
		{"one hub twice", "the hubs a and a would have one name, A", pair("a", "a")},
		{"names that differ in their hyphens", "the hubs peer-chat and peerChat would have one name", pair("peer-chat", "peerChat")},
		{"names that differ in case", "the hubs chat and CHAT would have one name", pair("chat", "CHAT")},
		{"what cannot travel", "has no form on the wire", []*contract.API{
			contract.NewAPI(bad, contract.NewEvent[struct{ C chan int }](bad, "e"))}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, write := range map[string]func(io.Writer, ...*contract.API) error{
				"TypeScript": func(w io.Writer, apis ...*contract.API) error { return export.TypeScript(w, nil, apis...) },
				"AsyncAPI":   func(w io.Writer, apis ...*contract.API) error { return export.AsyncAPI(w, nil, apis...) },
			} {
				var out bytes.Buffer
				if err := write(&out, c.apis...); err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%s: %v, want %q", name, err, c.says)
				}
				if out.Len() > 0 {
					t.Errorf("%s wrote %q", name, out.String())
				}
			}
		})
	}
}

func TestExport_namesAsDeclared(t *testing.T) {
	for _, declared := range []bool{false, true} {
		var typings, document bytes.Buffer
		if err := errors.Join(
			export.TypeScript(&typings, &export.TypeScriptOptions{NamesAsDeclared: declared}, shopAPI),
			export.AsyncAPI(&document, &export.AsyncAPIOptions{NamesAsDeclared: declared}, shopAPI),
		); err != nil {
			t.Fatal(err)
		}
		// Also then bytes are text, which is what JSON has.
		for text, want := range map[string]bool{"  Photo: string | null;": declared, "  photo: string | null;": !declared} {
			if strings.Contains(typings.String(), text) != want {
				t.Errorf("declared %v: %q is not %v in\n%s", declared, text, want, typings.String())
			}
		}
		for text, want := range map[string]bool{`"Photo": {`: declared, `"photo": {`: !declared} {
			if strings.Contains(document.String(), text) != want {
				t.Errorf("declared %v: %s is not %v", declared, text, want)
			}
		}
	}
}

// Clients of ASP.NET Core SignalR hear no progress, so its type is nothing to them.
func TestTypeScript_progressIsAComment(t *testing.T) {
	type Step struct{ Done int }
	h := contract.NewHub("work")
	var out bytes.Buffer
	err := export.TypeScript(&out, nil, contract.NewAPI(h,
		contract.NewMethod[contract.None, string](h, "Work", contract.WithProgress[Step]()),
		contract.NewMethod[contract.None, string](h, "Rest"),
	))
	if err != nil {
		t.Fatal(err)
	}
	const want = "  /** It reports progress, which only clients of jQuery SignalR 2 hear. */\n  Work: () => string;\n  Rest: () => string;\n"
	if !strings.Contains(out.String(), want) || strings.Contains(out.String(), "Step") {
		t.Errorf("the typings are\n%s", out.String())
	}
}

// An API that is written twice is the same twice.
func TestExport_isDeterministic(t *testing.T) {
	write := func() string {
		var b bytes.Buffer
		if err := errors.Join(
			export.TypeScript(&b, nil, shopAPI, cornersAPI),
			export.AsyncAPI(&b, nil, shopAPI, cornersAPI),
		); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	first := write()
	for range 20 {
		if again := write(); again != first {
			t.Fatalf("two runs differ:\n%s\n%s", first, again)
		}
	}
}
