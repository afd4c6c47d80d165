package api

import "sync"

// What one API key may ask for, unless [Options] say otherwise.
const (
	keyRate  = 200   // requests a second
	keyBurst = 2_000 // at once, after a pause
)

// rates bounds how often each API key is used. A key is kept as the moment, in µs,
// at which all that it has asked for would be allowed at the rate.
type rates struct {
	interval, burst int64 // µs

	mu sync.Mutex // Protects at.
	at map[keyName]int64
}

// keyName names an API key, not its secret.
type keyName struct{ tenant, key string }

// manyKeys is from how many keys on those are dropped that have asked for nothing
// of late.
const manyKeys = 1024

func newRates(rate, burst int) *rates {
	interval := int64(1_000_000 / rate)
	return &rates{interval: interval, burst: interval * int64(burst), at: map[keyName]int64{}}
}

// allow tells whether k may be used once more at ms.
func (t *rates) allow(k keyName, ms int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := ms * 1000
	at := max(t.at[k], now) + t.interval
	if at-now > t.burst {
		return false
	}
	if len(t.at) >= manyKeys {
		for other, moment := range t.at {
			if moment <= now {
				delete(t.at, other)
			}
		}
	}
	t.at[k] = at
	return true
}
