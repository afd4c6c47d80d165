package arch_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// goAlone runs the go command in one module, as if there were no workspace
// around it and no network.
func goAlone(module string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = filepath.Join(root, module)
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOPROXY=off", "GOFLAGS=-buildvcs=false")
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// Whoever takes a module takes it without our workspace.
func TestModules_standAlone(t *testing.T) {
	for _, module := range modules {
		t.Run(module, func(t *testing.T) {
			// With -test and -deps every import of every test must be found.
			if out, err := goAlone(module, "list", "-deps", "-test", "-f", "{{with .Error}}{{.}}{{end}}", "./..."); err != nil {
				t.Fatalf("%s: %v\n%s", module, err, tail(out))
			}
			if out, err := goAlone(module, "build", "./..."); err != nil {
				t.Errorf("%s: %v\n%s", module, err, tail(out))
			}
		})
	}
}

func TestModules_areTidy(t *testing.T) {
	for _, module := range modules {
		t.Run(module, func(t *testing.T) {
			out, err := goAlone(module, "mod", "tidy", "-diff")
			switch {
			case err == nil:
			case strings.Contains(out, "GOPROXY=off"):
				t.Skip("go mod tidy asks for the tests of our dependencies, which are not on this machine")
			default:
				t.Errorf("%s: go mod tidy would change it:\n%s", module, out)
			}
		})
	}
}

// tail is the end of a long output, where the error is.
func tail(out string) string {
	lines := strings.Split(out, "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}
