package check_test

import (
	"testing"

	"partline.dev/internal/check"
)

func TestFuzz_lateEndIsNoFailureButAnInputIs(t *testing.T) {
	const late = "fuzz: elapsed: 6s, execs: 21808 (0/sec)\n--- FAIL: FuzzReadValue (6.08s)\n    context deadline exceeded\nFAIL\n"
	const found = "--- FAIL: FuzzReadValue (1.08s)\n    --- FAIL: FuzzReadValue (0.00s)\n    Failing input written to testdata/fuzz/FuzzReadValue/771e\n    context deadline exceeded\nFAIL\n"
	if !check.MissedItsEnd(late) {
		t.Error("an engine that ended late counts as a failure")
	}
	if check.MissedItsEnd(found) {
		t.Error("an input that failed does not count")
	}
	if check.MissedItsEnd("--- FAIL: FuzzX\n    x_test.go:3: wrong\n") {
		t.Error("a failure in the corpus does not count")
	}
}
