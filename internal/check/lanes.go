package check

import (
	"sync"
	"sync/atomic"
)

// inLanes does count jobs, several at a time, and hands the results to took in the
// order of the jobs, one after the other and as soon as it can.
func inLanes[T any](lanes, count int, do func(job int) T, took func(job int, result T)) {
	results := make([]chan T, count)
	for i := range results {
		results[i] = make(chan T, 1)
	}
	var begun atomic.Int64
	var running sync.WaitGroup
	for range lanes {
		running.Go(func() { // until there is no job left
			for i := int(begun.Add(1)) - 1; i < count; i = int(begun.Add(1)) - 1 {
				results[i] <- do(i)
			}
		})
	}
	for i, result := range results {
		took(i, <-result)
	}
	running.Wait()
}
