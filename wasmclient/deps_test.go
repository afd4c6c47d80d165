//go:build !js

package client_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestDependencies_ofTheBrowserBuild keeps out what a page would load and never
// run.
func TestDependencies_ofTheBrowserBuild(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", ".")
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	if !slices.Contains(deps, "syscall/js") {
		t.Fatalf("this is not the browser build: %q", deps)
	}
	for pkg, why := range map[string]string{
		"net/http":      "it is 0.5 MB of brotli, with its cryptography",
		"encoding/json": "shared/wire reads and writes JSON",
		"log/slog":      "it is 34 kB of brotli, with encoding/json",
		"testing":       "it is for tests",
	} {
		if slices.Contains(deps, pkg) {
			t.Errorf("the browser build reaches %s: %s", pkg, why)
		}
	}
}
