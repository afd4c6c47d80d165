package hub

import (
	"math"
	"sync"
)

// meter measures what comes against a [Rate]: a second's worth may come at once,
// and what was used comes back evenly over a second. The zero meter is full.
type meter struct {
	mu       sync.Mutex // Protects following.
	looked   bool       // it has been looked at before
	at       int64      // when that was, in ms
	messages float64    // that may come now
	bytes    float64    // likewise; less than zero after a message that was longer than there was room
}

// take counts one message of that many bytes, unless there is no room for it. A
// message is let through if there is any room for bytes, so that one longer than a
// second's worth is slow and not impossible.
func (m *meter) take(now int64, r Rate, bytes int) (ok bool) {
	if r == (Rate{}) {
		return true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refill(now, r)
	if r.Messages > 0 && m.messages < 1 || r.Bytes > 0 && m.bytes <= 0 {
		return false
	}
	m.messages--
	m.bytes -= float64(bytes)
	return true
}

// charge counts bytes of a message that was let through before its length was
// known.
func (m *meter) charge(bytes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.bytes -= float64(bytes)
}

// untilFull is in how many ms nothing is left of what was taken.
func (m *meter) untilFull(now int64, r Rate) int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refill(now, r)
	var seconds float64
	if r.Messages > 0 {
		seconds = 1 - m.messages/float64(r.Messages)
	}
	if r.Bytes > 0 {
		seconds = max(seconds, 1-m.bytes/float64(r.Bytes))
	}
	return int64(math.Ceil(seconds * 1000))
}

// refill gives back what the time since the last look is worth. The mutex is held.
func (m *meter) refill(now int64, r Rate) {
	passed := float64(max(now-m.at, 0)) / 1000
	if !m.looked {
		passed = 1
	}
	m.looked, m.at = true, now
	m.messages = min(max(m.messages, -1)+passed*float64(r.Messages), float64(r.Messages))
	m.bytes = min(m.bytes+passed*float64(r.Bytes), float64(r.Bytes))
}
