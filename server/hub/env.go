package hub

// Env is what the core is given instead of doing it itself: a clock, timers and
// goroutines. The native host runs one timer wheel and waits for what Go
// started; another host may use alarms. Every field must be set.
type Env struct {
	// Now is the time in milliseconds since 1970, UTC.
	Now func() int64

	// After calls f once, ms milliseconds from now, from a goroutine of the
	// host's. f does not block. Stop forgets the timer and reports whether it
	// did so before the call began.
	After func(ms int64, f func()) (stop func() bool)

	// Go runs f, which may block, beside everything else. The host waits for
	// it before it calls itself closed.
	Go func(f func())
}
