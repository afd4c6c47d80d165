package check_test

import (
	"encoding/json"
	"strings"
	"testing"

	"partline.dev/internal/check"
)

// line is one event of go test -json, written by hand.
func line(action, test, output string) string {
	b, _ := json.Marshal(map[string]any{"Action": action, "Package": "partline.dev/x", "Test": test, "Output": output, "Elapsed": 0.5})
	return string(b) + "\n"
}

func read(t *testing.T, lines ...string) (said, totals string) {
	t.Helper()
	var out strings.Builder
	r := check.NewReport(&out)
	if err := r.Read(strings.NewReader(strings.Join(lines, ""))); err != nil {
		t.Fatal(err)
	}
	r.Summary()
	all := strings.TrimRight(out.String(), "\n")
	return all, all[strings.LastIndex(all, "\n")+1:]
}

func TestReport_countsSubtestsOnce(t *testing.T) {
	_, totals := read(t,
		line("run", "TestA", ""), line("run", "TestA/one", ""), line("run", "TestA/two", ""),
		line("pass", "TestA/one", ""), line("fail", "TestA/two", ""), line("fail", "TestA", ""),
		line("run", "TestB", ""), line("pass", "TestB", ""), line("fail", "", ""))
	if want := "2 passed, 1 failed, 0 skipped"; totals != want {
		t.Errorf("the totals are %q, want %q", totals, want)
	}
}

func TestReport_parentThatFailsByItself(t *testing.T) {
	_, totals := read(t,
		line("run", "TestA", ""), line("run", "TestA/one", ""),
		line("pass", "TestA/one", ""), line("fail", "TestA", ""), line("fail", "", ""))
	if want := "1 passed, 1 failed, 0 skipped"; totals != want {
		t.Errorf("the totals are %q, want %q", totals, want)
	}
}

func TestReport_packageThatFailsOutsideItsTests(t *testing.T) {
	said, totals := read(t,
		line("run", "TestA", ""), line("pass", "TestA", ""),
		line("output", "", "goleak: Errors on successful test run\n"), line("fail", "", ""))
	if want := "1 passed, 1 failed, 0 skipped"; totals != want {
		t.Errorf("the totals are %q, want %q", totals, want)
	}
	if !strings.Contains(said, "goleak: Errors") {
		t.Errorf("the report does not show why:\n%s", said)
	}
}

func TestReport_packageThatDoesNotBuild(t *testing.T) {
	said, totals := read(t,
		`{"ImportPath":"partline.dev/x [partline.dev/x.test]","Action":"build-output","Output":"./x.go:3:1: syntax error\n"}`+"\n",
		`{"ImportPath":"partline.dev/x [partline.dev/x.test]","Action":"build-fail"}`+"\n",
		line("start", "", ""), line("output", "", "FAIL\tpartline.dev/x [build failed]\n"), line("fail", "", ""))
	if want := "0 passed, 1 failed, 0 skipped"; totals != want {
		t.Errorf("the totals are %q, want %q", totals, want)
	}
	if !strings.Contains(said, "./x.go:3:1: syntax error") {
		t.Errorf("the report does not show the compiler's words:\n%s", said)
	}
}

func TestReport_skipSaysWhy(t *testing.T) {
	said, totals := read(t,
		line("run", "TestA", ""), line("output", "TestA", "=== RUN   TestA\n"),
		line("output", "TestA", "    x_test.go:5: needs a second machine\n"),
		line("output", "TestA", "--- SKIP: TestA (0.00s)\n"), line("skip", "TestA", ""), line("pass", "", ""))
	if want := "0 passed, 0 failed, 1 skipped"; totals != want {
		t.Errorf("the totals are %q, want %q", totals, want)
	}
	if !strings.Contains(said, "skipped: x TestA: needs a second machine") {
		t.Errorf("the report does not give the reason:\n%s", said)
	}
}

func TestReport_failureShowsItsOutput(t *testing.T) {
	said, _ := read(t,
		line("run", "TestA", ""), line("output", "TestA", "    x_test.go:5: got 1, want 2\n"), line("fail", "TestA", ""),
		line("run", "TestB", ""), line("output", "TestB", "    x_test.go:9: all is well\n"), line("pass", "TestB", ""),
		line("fail", "", ""))
	if !strings.Contains(said, "got 1, want 2") || strings.Contains(said, "all is well") {
		t.Errorf("the report should show the output of what failed and of nothing else:\n%s", said)
	}
}

func TestReport_showsTables(t *testing.T) {
	said, _ := read(t, line("output", "TestA", "    x_test.go:5: table: a test   ok   (1)\n"), line("pass", "TestA", ""))
	if !strings.Contains(said, "\n  table  a test   ok   (1)\n") && !strings.HasPrefix(said, "  table  a test   ok   (1)\n") {
		t.Errorf("the report does not show the table:\n%s", said)
	}
}

func TestReport_showsSamples(t *testing.T) {
	said, _ := read(t, line("output", "TestA", "    x_test.go:5: sample: 5 of 100, seed 7\n"))
	if !strings.Contains(said, "sample  TestA: 5 of 100, seed 7") {
		t.Errorf("the report does not show the sample:\n%s", said)
	}
}

func TestReport_lineThatIsNotJSON(t *testing.T) {
	said, _ := read(t, "go: cannot find main module\n")
	if !strings.Contains(said, "cannot find main module") {
		t.Errorf("the report hides what the go command said:\n%s", said)
	}
}
