package check

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// event is one line of go test -json.
type event struct {
	Action     string
	Package    string
	ImportPath string // of a package that is being built
	Test       string
	Elapsed    float64 // seconds
	Output     string
}

// Skip is a test that did not run, and why.
type Skip struct {
	Package, Test, Reason string
}

// Report gathers the results of any number of runs of go test -json and prints
// them while they come.
type Report struct {
	out     io.Writer
	verbose bool

	passed, failed int
	skips          []Skip
	failures       []string
	samples        []string

	// What is known of tests and packages that have not ended.
	output map[string][]string // by package and test; by import path of a build
	ran    map[string]int      // tests that ended, by package
	seen   map[string]bool     // names that have a subtest
}

// NewReport returns a report that prints to out.
func NewReport(out io.Writer) *Report {
	return &Report{out: out, output: map[string][]string{}, ran: map[string]int{}, seen: map[string]bool{}}
}

// Verbose makes the report print each top-level test as it ends, for packages
// whose tests take minutes.
func (r *Report) Verbose(on bool) { r.verbose = on }

// Read takes the output of one go test -json until it ends. A line that is not
// JSON is printed as it is: the go command writes some errors so.
func (r *Report) Read(in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			fmt.Fprintln(r.out, lines.Text())
			continue
		}
		r.take(&e)
	}
	return lines.Err()
}

// key names where the output of a test, a package or a build is kept.
func (e *event) key() string {
	if e.Package == "" {
		return e.ImportPath
	}
	return e.Package + "\x00" + e.Test
}

func (r *Report) take(e *event) {
	switch e.Action {
	case "output", "build-output":
		r.output[e.key()] = append(r.output[e.key()], e.Output)
		r.sample(e)
		r.table(e)
	case "build-fail":
		r.fail(e, "does not build")
	case "run":
		if parent, _, ok := cutLast(e.Test, "/"); ok {
			r.seen[e.Package+"\x00"+parent] = true
		}
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.packageEnded(e)
		} else {
			r.testEnded(e)
		}
	}
}

// testEnded counts a test. A test with subtests is not counted itself: its
// subtests are.
func (r *Report) testEnded(e *event) {
	parent := r.seen[e.key()]
	switch {
	case e.Action == "skip":
		s := Skip{e.Package, e.Test, reason(r.output[e.key()])}
		r.skips = append(r.skips, s)
		fmt.Fprintf(r.out, "  skip  %s %s: %s\n", short(s.Package), s.Test, s.Reason)
	case e.Action == "fail" && parent && r.hasFailed(e.Package+" "+e.Test+"/"):
		// Counted by the subtest that failed.
	case e.Action == "fail":
		r.fail(e, "failed")
		r.ran[e.Package]++
	case !parent:
		r.passed++
		r.ran[e.Package]++
	}
	if r.verbose && e.Action == "pass" && !strings.Contains(e.Test, "/") {
		fmt.Fprintf(r.out, "  pass  %s  %s\n", e.Test, seconds(e.Elapsed))
	}
	delete(r.output, e.key())
}

// packageEnded prints a package's line. A package can fail with no failed test:
// it did not build, it panicked, or its leak check failed.
func (r *Report) packageEnded(e *event) {
	if e.Action == "fail" && !r.hasFailed(e.Package+" ") && !r.hasFailed(e.Package+"_test ") {
		r.fail(e, "failed outside its tests")
	}
	if n := r.ran[e.Package]; n > 0 {
		word := "ok   "
		if e.Action == "fail" {
			word = "FAIL "
		}
		fmt.Fprintf(r.out, "%s %s  %d tests  %s\n", word, short(e.Package), n, seconds(e.Elapsed))
	}
	delete(r.ran, e.Package)
	delete(r.output, e.key())
}

// hasFailed reports whether a failure's name begins so.
func (r *Report) hasFailed(prefix string) bool {
	return slices.ContainsFunc(r.failures, func(f string) bool { return strings.HasPrefix(f, prefix) })
}

// fail counts a failure and prints what was said before it.
func (r *Report) fail(e *event, how string) {
	name := e.Package
	if name == "" {
		name, _, _ = strings.Cut(e.ImportPath, " ") // "p [p.test]"
	}
	r.failed++
	r.failures = append(r.failures, strings.TrimSpace(name+" "+e.Test)+" "+how)
	fmt.Fprintf(r.out, "FAIL  %s %s %s\n", short(name), e.Test, how)
	for _, line := range r.output[e.key()] {
		if !strings.HasPrefix(line, "=== ") {
			fmt.Fprint(r.out, "    ", line)
		}
	}
}

// sample prints the lines by which testkit.Sample says what it chose.
func (r *Report) sample(e *event) {
	if _, said, ok := strings.Cut(e.Output, ": sample: "); ok {
		said = e.Test + ": " + strings.TrimSpace(said)
		r.samples = append(r.samples, said)
		fmt.Fprintf(r.out, "  sample  %s\n", said)
	}
}

// table prints the lines of a table that a test has made of what it saw.
func (r *Report) table(e *event) {
	if _, line, ok := strings.Cut(e.Output, ": table: "); ok {
		fmt.Fprintf(r.out, "  table  %s\n", strings.TrimRight(line, " \n"))
	}
}

// Failed reports whether anything has failed.
func (r *Report) Failed() bool { return r.failed > 0 }

// Step counts a step that is not a test, such as go vet: it passed if err is
// nil.
func (r *Report) Step(name string, err error) {
	if err == nil {
		r.passed++
		return
	}
	r.failed++
	r.failures = append(r.failures, name+" failed")
	fmt.Fprintf(r.out, "FAIL  %s: %v\n", name, err)
}

// Skipped counts a step that was left out, and why.
func (r *Report) Skipped(name, why string) {
	r.skips = append(r.skips, Skip{Test: name, Reason: why})
	fmt.Fprintf(r.out, "  skip  %s: %s\n", name, why)
}

// Summary prints the failures and the skips again, and the totals as the last
// line.
func (r *Report) Summary() {
	for _, f := range r.failures {
		fmt.Fprintf(r.out, "failed: %s\n", f)
	}
	for _, s := range r.skips {
		fmt.Fprintf(r.out, "skipped: %s: %s\n", strings.TrimSpace(short(s.Package)+" "+s.Test), s.Reason)
	}
	fmt.Fprintln(r.out, r.Totals())
}

// Totals is the last line: "N passed, N failed, N skipped".
func (r *Report) Totals() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", r.passed, r.failed, len(r.skips))
}

// reason is what a skipped test said last, without its place in the source.
func reason(output []string) string {
	for _, line := range slices.Backward(output) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "=== ") || strings.HasPrefix(line, "--- ") {
			continue
		}
		if place, said, ok := strings.Cut(line, ": "); ok && strings.Contains(place, ".go:") {
			return said
		}
		return line
	}
	return "it gave no reason"
}

// short drops the part of an import path that all share.
func short(path string) string { return strings.TrimPrefix(path, "partline.dev/") }

// seconds prints a time to a tenth of a second.
func seconds(s float64) string {
	return time.Duration(s * float64(time.Second)).Round(100 * time.Millisecond).String()
}

// cutLast is strings.Cut at the last sep.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
