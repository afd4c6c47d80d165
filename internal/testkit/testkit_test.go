package testkit_test

import (
	"slices"
	"testing"

	"partline.dev/internal/testkit"
)

// quiet is a test that does not say what it samples: the runner would show it.
type quiet struct{ testing.TB }

func (quiet) Logf(string, ...any) {}

func TestSample_isTheSameForTheSameSeed(t *testing.T) {
	t.Setenv("PARTLINE_SOAK", "")
	t.Setenv("PARTLINE_SEED", "7")
	one, again := testkit.Sample(quiet{t}, 1000), testkit.Sample(quiet{t}, 1000)
	if !slices.Equal(one, again) {
		t.Errorf("seed 7 gives %v and %v", one, again)
	}
	if len(one) != 50 || !slices.IsSorted(one) || len(slices.Compact(slices.Clone(one))) != 50 {
		t.Errorf("5 %% of 1000 are %v", one)
	}
	t.Setenv("PARTLINE_SEED", "8")
	if slices.Equal(one, testkit.Sample(quiet{t}, 1000)) {
		t.Error("seeds 7 and 8 give the same sample")
	}
}

func TestSample_isNeverEmpty(t *testing.T) {
	t.Setenv("PARTLINE_SOAK", "")
	if got := testkit.Sample(quiet{t}, 3); len(got) != 1 {
		t.Errorf("of 3 cases it takes %v", got)
	}
	if got := testkit.Sample(quiet{t}, 0); len(got) != 0 {
		t.Errorf("of no cases it takes %v", got)
	}
}

func TestSample_takesAllInASoak(t *testing.T) {
	t.Setenv("PARTLINE_SOAK", "1")
	if got := testkit.Sample(quiet{t}, 4); !slices.Equal(got, []int{0, 1, 2, 3}) {
		t.Errorf("a soak takes %v of 4", got)
	}
}
