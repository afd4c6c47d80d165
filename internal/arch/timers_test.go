package arch_test

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What sets a timer of Go's runtime: every timer, ticker, deadline and sleep of the
// standard library begins with one of these.
var timerSources = []string{"time.newTimer", "time.resetTimer", "time.Sleep", "runtime.timeSleep", "internal/poll.runtime_pollSetDeadline"}

// settles are the functions of the standard library that set a timer and stop it
// before they return, and wait for nothing between: no event loop ever sees it.
// TestTimers_notInTheRoom finds the call that stops it.
var settles = map[string]string{
	// It would warn after a minute in which the first random bytes did not come.
	"crypto/internal/sysrand.Read": "crypto/internal/sysrand.Read.deferwrap1",
}

// TestTimers_notInTheRoom asks the linker what the room's program can reach. A timer of
// Go's is one of JavaScript's there, and an object that has one never leaves memory.
func TestTimers_notInTheRoom(t *testing.T) {
	if testing.Short() {
		t.Skip("it links a program: not in short runs")
	}
	graph := reached(t, "./server/edge/cmd/room")
	if len(graph["main.main"]) == 0 || len(graph) < 1000 {
		t.Fatalf("the linker told of %d functions, and what main calls is not among them", len(graph))
	}
	for from, to := range graph {
		for _, source := range timerSources {
			if !slices.Contains(to, source) {
				continue
			}
			if _, own := slices.BinarySearch(timerFamily, from); own {
				continue
			}
			t.Errorf("%s can be reached, and sets a timer by %s: %s", from, source, strings.Join(path(graph, from), " -> "))
		}
	}
	for from, stops := range settles {
		for _, to := range graph[from] {
			if slices.Contains(timerFamily, to) && !slices.Contains(graph[stops], "time.stopTimer") {
				t.Errorf("%s sets a timer by %s, and %s does not stop it any more", from, to, stops)
			}
		}
	}
	for _, wrapper := range timerFamily {
		for from, to := range graph {
			_, settled := settles[from]
			if slices.Contains(to, wrapper) && !settled && !slices.Contains(timerFamily, from) {
				t.Errorf("%s can be reached, and sets a timer by %s: %s", from, wrapper, strings.Join(path(graph, from), " -> "))
			}
		}
	}
}

// timerFamily are the functions of package time through which others set timers,
// sorted.
var timerFamily = []string{"time.(*Ticker).Reset", "time.(*Timer).Reset", "time.After", "time.AfterFunc", "time.NewTicker", "time.NewTimer", "time.Tick"}

// reached is what each function that the program links in refers to.
func reached(t *testing.T, pkg string) map[string][]string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags=-dumpdep", "-o", filepath.Join(t.TempDir(), "program.wasm"), pkg)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("go build %s: %v\n%.2000s", pkg, err, said.String())
	}
	graph := map[string][]string{}
	lines := bufio.NewScanner(&said)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		from, to, ok := strings.Cut(lines.Text(), " -> ")
		if !ok {
			continue
		}
		from, _, _ = strings.Cut(from, " <")
		to, _, _ = strings.Cut(to, " <")
		graph[from] = append(graph[from], to)
	}
	return graph
}

// path is one way on which a function is reached, from where nothing leads to it.
func path(graph map[string][]string, to string) []string {
	callers := map[string]string{}
	for from, all := range graph {
		for _, one := range all {
			if _, known := callers[one]; !known && from != one {
				callers[one] = from
			}
		}
	}
	way := []string{to}
	for len(way) < 12 {
		from, ok := callers[way[0]]
		if !ok || slices.Contains(way, from) {
			break
		}
		way = append([]string{from}, way...)
	}
	return way
}
