package main

import (
	"testing"
	"time"
)

func TestLatencyLessHiccups(t *testing.T) {
	hiccups := []span{{5, 10}, {20, 30}, {40, 41}}
	for _, c := range []struct {
		sample span
		want   int64
	}{
		{span{0, 5}, 0},
		{span{0, 7}, 2},
		{span{6, 8}, 2},
		{span{8, 25}, 7},
		{span{0, 100}, 16},
		{span{30, 40}, 0},
		{span{50, 60}, 0},
	} {
		if got := overlap(c.sample, hiccups); got != c.want {
			t.Errorf("%v overlaps by %d, want %d", c.sample, got, c.want)
		}
	}
	l := summarize([]span{{0, 100}, {0, 5}, {0, 4}}, hiccups)
	if l != (latency{Samples: 3, P50: 5, P99: 5, P99Less: 5}) {
		t.Errorf("of three: %+v", l)
	}
	var all []span
	for i := range int64(101) {
		all = append(all, span{1000, 1000 + i})
	}
	if l := summarize(all, nil); l.P50 != 50 || l.P99 != 99 {
		t.Errorf("of 0 to 100: %+v", l)
	}
	if p := hiccupP99([]span{{0, 1}, {0, int64(time.Second)}, {5, 6}}); p != 1 {
		t.Errorf("hiccups: %v", p)
	}
}
