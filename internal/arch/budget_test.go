package arch_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Everybody who opens a part waits for its program. The budget file has a line
// for each rise, with its reason; the last one holds.
func TestBudget_ofTheBrowsersProgram(t *testing.T) {
	budget, err := os.ReadFile(filepath.Join(root, "web", "wasm-budget.txt"))
	if err != nil {
		t.Fatal(err)
	}
	last := strings.TrimSpace(string(budget))
	last = last[strings.LastIndex(last, "\n")+1:]
	var most int // kB of 1,000 bytes
	var reason string
	if n, err := fmt.Sscan(last, &most, &reason); n != 2 {
		t.Fatalf("the last line of the budget is %q, not a number and a reason: %v", last, err)
	}

	file, err := os.ReadFile(filepath.Join(root, "web", "dist", "build.json"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the browser's program is not built: run make build")
	}
	if err != nil {
		t.Fatal(err)
	}
	var build struct{ Brotli, Level int }
	if err := json.Unmarshal(file, &build); err != nil {
		t.Fatal(err)
	}
	if build.Level != 11 {
		t.Skipf("the browser's program is compressed with brotli %d, and the budget is of brotli 11: run make build", build.Level)
	}
	if build.Brotli > most*1000 {
		t.Errorf("the browser's program has %d bytes after brotli, over the budget of %d kB", build.Brotli, most)
	}
	t.Logf("%d bytes after brotli, of %d kB", build.Brotli, most)
}
