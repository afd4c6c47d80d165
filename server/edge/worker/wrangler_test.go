package worker_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"partline.dev/server/edge/bundle"
)

// node runs a script of node and returns what it writes.
func node(t *testing.T, args ...string) []byte {
	t.Helper()
	installed(t)
	cmd := exec.Command("node", args...)
	cmd.Env = append(os.Environ(), "WRANGLER_SEND_METRICS=false", "NO_COLOR=1", "CLOUDFLARE_API_TOKEN=none")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s\n%s", args, err, out, said.String())
	}
	return out
}

// folder is that of what was built.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// What runs here is what wrangler would deploy: everything that wrangler reads in the
// files, the Workers here have, too.
func TestOptions_areWhatWranglerReads(t *testing.T) {
	dir := folder(t)
	var both []struct{ Ours, Theirs map[string]any }
	out := node(t, filepath.Join("testdata", "options.mjs"), filepath.Join(dir, "gateway"), filepath.Join(dir, "room"))
	if err := json.Unmarshal(out, &both); err != nil || len(both) != 2 {
		t.Fatalf("%v: %s", err, out)
	}
	for _, w := range both {
		for _, name := range slices.Sorted(maps.Keys(w.Theirs)) {
			theirs := prune(w.Theirs[name])
			// How modules are found is serve.mjs's; it lists them.
			if theirs == nil || name == "modulesRules" {
				continue
			}
			if ours := prune(w.Ours[name]); !reflect.DeepEqual(ours, theirs) {
				t.Errorf("%s of %s is %v, and wrangler reads %v", name, w.Ours["name"], ours, theirs)
			}
		}
	}
}

// prune is a value without its empty members, and without what wrangler adds of its own.
func prune(v any) any {
	switch v := v.(type) {
	case map[string]any:
		kept := map[string]any{}
		for name, one := range v {
			if slices.Contains([]string{"type", "namespace_id", "name", "compatibility_date", "compatibility_flags"}, name) {
				continue
			}
			if one := prune(one); one != nil {
				kept[name] = one
			}
		}
		if len(kept) > 0 {
			return kept
		}
		return nil
	case []any:
		if len(v) == 0 {
			return nil
		}
	}
	return v
}

// uploaded is what wrangler says of the size.
var uploaded = regexp.MustCompile(`Total Upload: [0-9.]+ KiB / gzip: ([0-9.]+) KiB`)

func TestWrangler_uploadsWhatTheBuildHasMeasured(t *testing.T) {
	dir := t.TempDir()
	b, err := bundle.Build(t.Context(), bundle.Options{
		Out: dir, GatewayDir: filepath.Join("testdata", "gateway"), RoomDir: filepath.Join("testdata", "room"), Pages: files,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range b.Workers {
		said := node(t, filepath.Join("node_modules", "wrangler", "bin", "wrangler.js"), "deploy", "--dry-run", "--config", filepath.Join(dir, w.Name, "wrangler.jsonc"))
		found := uploaded.FindSubmatch(said)
		if found == nil {
			t.Fatalf("wrangler says nothing of a size:\n%s", said)
		}
		kib, err := strconv.ParseFloat(string(found[1]), 64)
		if err != nil {
			t.Fatal(err)
		}
		// Wrangler compresses less, and all modules as one.
		if size := float64(w.Compressed()); kib*1024 < size*0.98 || kib*1024 > size*1.05 {
			t.Errorf("wrangler uploads %.0f bytes of the Worker %s, and the build measured %.0f", kib*1024, w.Name, size)
		}
		if bytes.Contains(said, []byte("WARNING")) {
			t.Errorf("wrangler warns:\n%s", said)
		}
	}
}
