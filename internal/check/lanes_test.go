package check_test

import (
	"slices"
	"testing"

	"partline.dev/internal/check"
)

func TestInLanes_resultsComeInOrder(t *testing.T) {
	// The first job ends last: it waits for all others.
	others := make(chan struct{}, 4)
	var got []int
	check.InLanes(2, 5, func(job int) int {
		if job == 0 {
			for range 4 {
				<-others
			}
		} else {
			others <- struct{}{}
		}
		return 10 * job
	}, func(job, result int) {
		if result != 10*job {
			t.Errorf("job %d has the result %d", job, result)
		}
		got = append(got, job)
	})
	if want := []int{0, 1, 2, 3, 4}; !slices.Equal(got, want) {
		t.Errorf("the results came as %v", got)
	}
}

func TestInLanes_asManyAtOnceAsThereAreLanes(t *testing.T) {
	// Each of the two waits for the other.
	first, second := make(chan struct{}), make(chan struct{})
	count := 0
	check.InLanes(2, 2, func(job int) bool {
		if job == 0 {
			close(first)
			<-second
		} else {
			close(second)
			<-first
		}
		return true
	}, func(int, bool) { count++ })
	check.InLanes(3, 0, func(int) bool { return true }, func(int, bool) { count++ })
	if count != 2 {
		t.Errorf("%d results came of 2 jobs", count)
	}
}
