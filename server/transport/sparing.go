package transport

import "sync"

// A stranger can have any number of requests refused, and must not fill a disk
// with what the log says of each: so many are told in a period.
const (
	sparingPeriod = 60_000 // ms
	sparingMax    = 20
)

// sparing decides what is told. The zero value is ready.
type sparing struct {
	mu    sync.Mutex // Protects following.
	begun int64      // of the period, in ms
	told  int
}

// allow tells whether one more may be told now.
func (s *sparing) allow(now int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now-s.begun >= sparingPeriod {
		s.begun, s.told = now, 0
	}
	s.told++
	return s.told <= sparingMax
}
