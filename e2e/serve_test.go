package e2e_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/devloop"
	"partline.dev/internal/testkit/partline"
)

// A taken port is named, with the flag that sets another.
func TestServe_takenPort(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary)
	addr := strings.TrimPrefix(s.URL, "http://")
	second := exec.Command(binary, "serve", "--addr", addr)
	second.Dir = t.TempDir()
	out, err := second.CombinedOutput()
	if err == nil {
		t.Fatalf("a second server at %s ended well:\n%s", addr, out)
	}
	if !strings.Contains(string(out), addr) || !strings.Contains(string(out), "--addr") || strings.Contains(string(out), "panic") {
		t.Errorf("it says:\n%s", out)
	}
}

// What make serve does when the source stops compiling, and when it compiles
// again.
func TestServe_developmentLoop(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "status.json")
	status := func(s devloop.Status) {
		t.Helper()
		if err := s.Write(path); err != nil {
			t.Fatal(err)
		}
	}
	status(devloop.Status{Build: "first"})
	s := partline.Start(t, binary, "--dev", "--dev-status", path)
	page := chromium.Start(t, nil).Open(s.URL + "/parts/one")
	part := top(t, page)
	part.Run(`window.loaded = "once"`)

	const said = `app/ui/log.go:7:2: undefined: lines<script>`
	status(devloop.Status{Build: "first", Error: said})
	part.Wait("the compiler's words", `document.body.innerText.includes(`+quote(said)+`)`)
	status(devloop.Status{Build: "first"})
	part.Wait("the words to go", `!document.body.innerText.includes("undefined")`)

	s.Kill()
	status(devloop.Status{Build: "second"})
	s.Restart()
	part.Wait("the page to load again", `window.loaded !== "once"`)
	part.waitStatus("Connected")
}
