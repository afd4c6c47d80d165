package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/process"
)

// cellGuard is how long the suites may take in one place of the matrix: three
// times what they take on a machine that is busy with others.
const cellGuard = 4 * time.Minute

// place is one place of the matrix, as the scripts of npm/ take it.
type place struct {
	Base      string `json:"base"`           // of the test server
	Path      string `json:"path,omitempty"` // of a hub; the suites have their own
	Control   string `json:"control"`        // the npmSite
	Transport string `json:"transport"`
	Protocol  string `json:"protocol"`

	// Where the hubs are in a room at the edge.
	Tokens string            `json:"tokens,omitempty"` // who gives bearer tokens; empty: the test server
	Hubs   map[string]string `json:"hubs,omitempty"`   // their addresses, by their paths at home
	Origin string            `json:"origin,omitempty"` // whose page a client in Node would be of
}

// outcome is what became of one test in one place.
type outcome struct {
	Name    string `json:"name"`
	Outcome string `json:"outcome"` // ok, failed or not
	Text    string `json:"text"`    // what failed, or why it has no place there, which is never empty
}

// TestNPM_matrix runs the suites of npm/suite over the unmodified npm clients in
// Node and in a page of another site, over every transport, in both protocols,
// and prints what became of every test in every place.
func TestNPM_matrix(t *testing.T) {
	t.Parallel()
	fromNPM(t, "@microsoft", "signalr-protocol-msgpack", "package.json")
	table := matrix{title: "the npm client"}
	t.Run("in", func(t *testing.T) {
		for _, platform := range slices.Sorted(maps.Keys(platforms)) {
			for _, transport := range []string{"WebSockets", "ServerSentEvents", "LongPolling", "automatic"} {
				for _, protocol := range []string{"json", "messagepack"} {
					column := table.column(platform, transport, protocol)
					t.Run(platform+" "+transport+" "+protocol, func(t *testing.T) {
						t.Parallel()
						n := newNPMSite(t)
						at := place{Base: startTestServer(t, n), Control: n.origin, Transport: transport, Protocol: protocol}
						table.run(t, column, platform, at, n)
					})
				}
			}
		}
	})
	table.print(t)
}

// platforms are where the suites run: in all of them, or those whose name has only,
// or one of several parts with | between.
var platforms = map[string]func(t *testing.T, at place, n *npmSite, only string) []outcome{
	"Node": suitesInNode, "Chromium": suitesInChromium,
}

func suitesInNode(t *testing.T, at place, _ *npmSite, only string) (outcomes []outcome) {
	t.Helper()
	argument, err := json.Marshal(at)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), cellGuard)
	defer cancel()
	cmd := process.Command(ctx, time.Second, "node", "run.mjs", string(argument), only)
	var out bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = "npm", &out, t.Output()
	if err := cmd.Run(); err != nil {
		t.Errorf("node ended with %v", err)
	}
	for lines := bufio.NewScanner(&out); lines.Scan(); {
		var o outcome
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		outcomes = append(outcomes, o)
	}
	return outcomes
}

func suitesInChromium(t *testing.T, at place, n *npmSite, only string) (outcomes []outcome) {
	t.Helper()
	argument, err := json.Marshal(at)
	if err != nil {
		t.Fatal(err)
	}
	page := chromium.Start(t, nil).Open(n.origin + "/")
	page.Run(fmt.Sprintf("start(%s, %q); 0", argument, only))
	select {
	case said := <-n.said:
		if err := json.Unmarshal(said, &outcomes); err != nil {
			t.Fatalf("%q: %v", said, err)
		}
	case <-time.After(cellGuard):
		t.Fatalf("the page says nothing; it has met %q", page.Complaints())
	}
	return outcomes
}

// matrix is a table of what became of every test in every place.
type matrix struct {
	title string

	mu      sync.Mutex // protects following
	heads   [][3]string
	columns [][]outcome
}

// column adds a place to the table.
func (m *matrix) column(head ...string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.heads = append(m.heads, [3]string(head))
	m.columns = append(m.columns, nil)
	return len(m.columns) - 1
}

// run runs the suites in a place, and fills its column with what became of them.
func (m *matrix) run(t *testing.T, column int, platform string, at place, n *npmSite) {
	t.Helper()
	only := os.Getenv("PARTLINE_NPM_ONLY") // a part of a test's name, when one is looked into
	outcomes := platforms[platform](t, at, n, only)
	m.fill(column, outcomes)
	if len(outcomes) == 0 {
		t.Error("no test ran")
	}
	for _, o := range outcomes {
		if o.Outcome != "ok" && (o.Outcome != "not" || o.Text == "") {
			t.Errorf("%s: %s", o.Name, o.Text)
		}
	}
}

func (m *matrix) fill(column int, outcomes []outcome) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.columns[column] = outcomes
}

// shortly are the heads of the columns.
var shortly = map[string]string{
	"WebSockets": "WS", "ServerSentEvents": "SSE", "LongPolling": "LP", "automatic": "auto", "messagepack": "mp",
}

// print writes the table to the test's output, and why a test has no place in a
// column.
func (m *matrix) print(t *testing.T) {
	t.Helper()
	const width = 10
	first := 58
	var tests []string
	cells := map[string][]string{}
	var reasons []string
	for i, column := range m.columns {
		for _, o := range column {
			if cells[o.Name] == nil {
				first = max(first, len(o.Name)+1)
				tests = append(tests, o.Name)
				cells[o.Name] = make([]string, len(m.columns))
			}
			cells[o.Name][i] = o.Outcome
			if o.Outcome == "not" {
				cells[o.Name][i] = "(" + note(&reasons, o.Text) + ")"
			}
		}
	}
	line := func(name string, rest []string) {
		var b strings.Builder
		fmt.Fprintf(&b, "table: %-*s", first, name)
		for _, cell := range rest {
			if cell == "" {
				cell = "-"
			}
			fmt.Fprintf(&b, "%-*s", width, cell)
		}
		t.Log(strings.TrimRight(b.String(), " "))
	}
	platforms, places := make([]string, len(m.heads)), make([]string, len(m.heads))
	for i, h := range m.heads {
		platforms[i] = h[0]
		places[i] = orSame(h[1]) + "/" + orSame(h[2])
	}
	line(m.title, platforms)
	line("", places)
	for _, test := range tests {
		line(test, cells[test])
		if slices.Contains(cells[test], "") {
			t.Errorf("nothing is known of %q in some places", test)
		}
	}
	for i, reason := range reasons {
		t.Logf("table: (%d) %s", i+1, reason)
	}
}

func orSame(name string) string {
	if s, ok := shortly[name]; ok {
		return s
	}
	return name
}

// note is the number of a reason, which is new or known.
func note(reasons *[]string, reason string) string {
	for i, known := range *reasons {
		if known == reason {
			return fmt.Sprint(i + 1)
		}
	}
	*reasons = append(*reasons, reason)
	return fmt.Sprint(len(*reasons))
}
