package check

// MissedItsEnd is missedItsEnd, for the tests.
var MissedItsEnd = missedItsEnd
