package compilefail_test

import (
	"fmt"
	"go/scanner"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The programs, and how many mistakes each has.
var programs = map[string]int{
	"correct":            0,
	"wrong_request":      1, // calling a method with another's request
	"wrong_handler":      1, // hearing an event with a handler of another type
	"event_as_method":    1, // handling an event as if it were a method
	"handler_of_another": 1, // registering a handler for another method
	"wrong_payload":      1, // publishing another event's value
}

func TestMistakesDoNotCompile(t *testing.T) {
	found, err := filepath.Glob("testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != len(programs) {
		t.Errorf("testdata has %d programs, the test knows %d", len(found), len(programs))
	}
	for name, mistakes := range programs {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join("testdata", name)
			wanted := expected(t, filepath.Join(dir, "main.go"))
			if len(wanted) != mistakes {
				t.Errorf("%s announces %d mistakes, want %d", dir, len(wanted), mistakes)
			}
			reported := build(t, dir)
			for line, says := range wanted {
				if !strings.Contains(reported[line], says) {
					t.Errorf("line %d: the compiler says %q, want %q", line, reported[line], says)
				}
				delete(reported, line)
			}
			for line, text := range reported {
				t.Errorf("line %d: the compiler says %q", line, text)
			}
		})
	}
}

// expected is what the comments of a file announce, by line.
func expected(t *testing.T, file string) map[int]string {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[int]string{}
	files := token.NewFileSet()
	at := files.AddFile(file, -1, len(source))
	var s scanner.Scanner
	s.Init(at, source, nil, scanner.ScanComments)
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			return wanted
		}
		quoted, ok := strings.CutPrefix(text, "// ERROR ")
		if tok != token.COMMENT || !ok {
			continue
		}
		says, err := strconv.Unquote(quoted)
		if err != nil {
			t.Fatalf("%s: %v", files.Position(pos), err)
		}
		wanted[files.Position(pos).Line] = says
	}
}

// compilerLine is one message of the compiler.
var compilerLine = regexp.MustCompile(`^(?:\./)?testdata/\w+/main\.go:(\d+):\d+: (.*)$`)

// build compiles a program and returns what the compiler says, by line. Output
// of any other form, as of a missing package, fails the test.
func build(t *testing.T, dir string) map[int]string {
	t.Helper()
	// -e: all mistakes, not the first ten.
	c := exec.CommandContext(t.Context(), "go", "build", "-gcflags=-e", "-o", os.DevNull, "./"+filepath.ToSlash(dir))
	c.Env = append(os.Environ(), "GOWORK=") // the workspace has the modules
	out, err := c.CombinedOutput()
	reported := map[int]string{}
	last := 0
	for text := range strings.Lines(string(out)) {
		text = strings.TrimRight(text, "\r\n")
		switch m := compilerLine.FindStringSubmatch(filepath.ToSlash(text)); {
		case m != nil:
			if last, err = strconv.Atoi(m[1]); err != nil {
				t.Fatal(err)
			}
			reported[last] = strings.TrimPrefix(fmt.Sprintf("%s\n%s", reported[last], m[2]), "\n")
		case strings.HasPrefix(text, "\t") && last > 0:
			reported[last] += "\n" + text
		case strings.HasPrefix(text, "# partline.dev/internal/compilefail/"):
		default:
			t.Fatalf("go build says %q", out)
		}
	}
	if err != nil && len(reported) == 0 {
		t.Fatalf("go build: %v", err)
	}
	return reported
}
