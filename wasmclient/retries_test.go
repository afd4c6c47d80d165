package client_test

import (
	"math/rand/v2"
	"testing"
	"time"

	client "partline.dev/wasmclient"
)

// TestRetries_areFullJitter draws every place of the row often: all waits lie
// within the bound of their place, and every tenth of it is met about equally
// often.
func TestRetries_areFullJitter(t *testing.T) {
	const (
		base, most = time.Second, 30 * time.Second
		rows       = 20_000
	)
	bounds := []time.Duration{1, 2, 4, 8, 16, 30, 30, 30}
	random := rand.New(rand.NewPCG(1, 2))
	counts := make([][10]int, len(bounds))
	for range rows {
		next, _ := client.Retries(base, most, random.Int64N)
		for place := range bounds {
			bound := bounds[place] * time.Second
			wait := next()
			if wait < 0 || wait > bound {
				t.Fatalf("wait %d of the row is %v, not within %v", place+1, wait, bound)
			}
			counts[place][min(9, wait*10/bound)]++
		}
	}
	for place, tenths := range counts {
		for i, n := range tenths {
			// 2,000 are expected, with a standard deviation of 42.
			if n < 1_800 || n > 2_200 {
				t.Errorf("place %d: %d of %d waits are in tenth %d of %v: %v", place+1, n, rows, i+1, bounds[place]*time.Second, tenths)
			}
		}
	}
}

func TestRetries_drawAnewForEveryClient(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 100 {
		next, _ := client.Retries(time.Second, time.Second, nil)
		seen[next()] = true
	}
	if len(seen) < 99 { // of 10^9 values
		t.Errorf("100 clients draw %d waits", len(seen))
	}
}

func TestRetries_beginAnewAfterAConnectionThatHeld(t *testing.T) {
	next, held := client.Retries(time.Second, 30*time.Second, func(n int64) int64 { return n - 1 })
	for _, step := range []struct {
		held time.Duration // of the connection before
		want time.Duration
	}{
		{0, 1 * time.Second},
		{0, 2 * time.Second},
		{4 * time.Second, 4 * time.Second}, // lost at once again: as bad as none
		{5 * time.Second, 1 * time.Second},
		{0, 2 * time.Second},
	} {
		held(step.held)
		if wait := next(); wait != step.want {
			t.Errorf("%v, want %v", wait, step.want)
		}
	}
}

func TestRetries_withOddBounds(t *testing.T) {
	last := func(n int64) int64 { return n - 1 }
	next, _ := client.Retries(time.Minute, time.Second, last)
	if wait := next(); wait != time.Second {
		t.Errorf("a base above the maximum waits %v", wait)
	}
	next, _ = client.Retries(time.Nanosecond, 100*365*24*time.Hour, last)
	var wait time.Duration
	for range 1000 {
		if w := next(); w < wait {
			t.Fatalf("%v after %v", w, wait)
		} else {
			wait = w
		}
	}
	if wait != 100*365*24*time.Hour {
		t.Errorf("the longest wait is %v", wait)
	}
}
