package check

// MissedItsEnd is missedItsEnd, for the tests.
var MissedItsEnd = missedItsEnd

// InLanes is inLanes, for the tests.
func InLanes[T any](lanes, count int, do func(job int) T, took func(job int, result T)) {
	inLanes(lanes, count, do, took)
}
