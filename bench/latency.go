package main

import (
	"cmp"
	"slices"
	"time"
)

// latency is how long messages took from publisher to client.
type latency struct {
	Samples  int
	P50, P99 time.Duration

	// P99Less is the 99th percentile of what is left of each sample without
	// the hiccups in it.
	P99Less time.Duration
}

// summarize sums samples up: the span of each from its publishing to its
// arrival. The hiccups are in order and do not overlap.
func summarize(samples, hiccups []span) latency {
	raw := make([]int64, len(samples))
	less := make([]int64, len(samples))
	for i, s := range samples {
		raw[i] = s.To - s.From
		less[i] = raw[i] - overlap(s, hiccups)
	}
	slices.Sort(raw)
	slices.Sort(less)
	return latency{
		Samples: len(samples),
		P50:     time.Duration(percentile(raw, 50)),
		P99:     time.Duration(percentile(raw, 99)),
		P99Less: time.Duration(percentile(less, 99)),
	}
}

// overlap is how much of s was a hiccup.
func overlap(s span, hiccups []span) int64 {
	first, _ := slices.BinarySearchFunc(hiccups, s.From, func(h span, t int64) int { return cmp.Compare(h.To, t) })
	var sum int64
	for _, h := range hiccups[first:] {
		if h.From >= s.To {
			break
		}
		sum += min(h.To, s.To) - max(h.From, s.From)
	}
	return sum
}

// percentile is the p-th percentile of sorted numbers, 0 of none.
func percentile(sorted []int64, p int) int64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[(len(sorted)-1)*p/100]
}

// median of numbers, 0 of none.
func median(numbers []float64) float64 {
	if len(numbers) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(numbers))
	if len(s)%2 == 1 {
		return s[len(s)/2]
	}
	return (s[len(s)/2-1] + s[len(s)/2]) / 2
}
