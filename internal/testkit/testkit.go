// Package testkit is what tests of several modules share: a sample of many cases
// that can be drawn again, and all of them when there is time.
//
//	for _, i := range testkit.Sample(t, len(cases)) {
//		t.Run(cases[i].name, ...)
//	}
//
// Concurrency: everything may be used from any goroutine. Nothing blocks.
package testkit

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
)

// share is how much of a set make test looks at: one in this many.
const share = 20

// Sample returns the indexes of the cases to run, of n, in order: all of them in
// make soak, else 5 %, but at least one. It says which share it took and how to
// take the same again.
func Sample(t testing.TB, n int) []int {
	t.Helper()
	seed, err := seed()
	if err != nil {
		t.Fatal(err)
	}
	count := n
	if os.Getenv("PARTLINE_SOAK") != "1" && n > 0 {
		count = max(1, n/share)
	}
	chosen := rand.New(rand.NewPCG(seed, uint64(n))).Perm(n)[:count]
	slices.Sort(chosen)
	// The runner shows lines that begin so.
	t.Logf("sample: %d of %d, SEED=%d", len(chosen), n, seed)
	return chosen
}

// seed is the number of this run, from PARTLINE_SEED, or a new one.
func seed() (uint64, error) {
	text := os.Getenv("PARTLINE_SEED")
	if text == "" {
		return uint64(rand.Uint32()), nil
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("PARTLINE_SEED: %w", err)
	}
	return seed, nil
}
