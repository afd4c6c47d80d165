package devloop_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"partline.dev/internal/devloop"
)

// withNPM puts a shell script in npm's place.
func withNPM(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	if script != "" {
		if err := os.WriteFile(filepath.Join(dir, "npm"), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":"+map[bool]string{true: "", false: "/bin:/usr/bin"}[script == ""])
}

// npm is one that has a lock file.
func npm(t *testing.T) (n *devloop.NPM, out *bytes.Buffer) {
	t.Helper()
	lock := tree(t, map[string]string{"package.json": "{}", "package-lock.json": "one"})
	out = &bytes.Buffer{}
	return &devloop.NPM{Lock: lock, Dir: filepath.Join(t.TempDir(), "npm"), Out: out}, out
}

func TestNPM_bringsWhatTheLockFileAsksForOnce(t *testing.T) {
	withNPM(t, `mkdir -p node_modules && echo "$@" >> runs && cat package-lock.json >> runs`)
	n, out := npm(t)
	n.Bring(t.Context())
	n.Bring(t.Context())
	if !strings.Contains(out.String(), "the SignalR clients are there") {
		t.Errorf("it says %s", out)
	}
	if err := os.WriteFile(filepath.Join(n.Lock, "package-lock.json"), []byte("two"), 0o600); err != nil {
		t.Fatal(err)
	}
	n.Bring(t.Context())
	runs, err := os.ReadFile(filepath.Join(n.Dir, "runs"))
	const command = "ci --omit=dev --ignore-scripts --no-audit --no-fund\n"
	if want := command + "one" + command + "two"; err != nil || string(runs) != want {
		t.Errorf("it ran\n%s, %v; want\n%s", runs, err, want)
	}
}

func TestNPM_saysWhyNot(t *testing.T) {
	for script, want := range map[string]string{
		"":                            "npm is not installed",
		"echo no network >&2; exit 1": "no network",
	} {
		t.Run(want, func(t *testing.T) {
			withNPM(t, script)
			n, out := npm(t)
			n.Bring(t.Context())
			if !strings.Contains(out.String(), want) || !strings.Contains(out.String(), "the example pages go without") {
				t.Errorf("it says %s", out)
			}
		})
	}
}

func TestNPM_isToldToStop(t *testing.T) {
	withNPM(t, "exec sleep 1000")
	n, out := npm(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	n.Bring(ctx)
	if strings.Contains(out.String(), "go without") {
		t.Errorf("it says %s", out)
	}
}
