package transport

import (
	"sync"
	"time"
)

// rates bounds how often each client address may do something: so many times at
// once, and then as often as the rate allows.
type rates struct {
	host  *Host
	timer timer

	mu         sync.Mutex // Protects following.
	young, old map[string]int64
	turned     int64 // when young began, in ms
	timed      bool
}

// An address is kept as the moment, in µs, at which all that it has done would be
// allowed at the rate. Those whose moment has passed are like new ones; they are
// dropped whole generations at a time.

func (t *rates) init(host *Host) {
	t.host = host
	t.timer.f = t.sweep
}

// interval is the time that one time costs, in µs, and burst that of as many as
// may come at once.
func (t *rates) interval() int64 {
	return int64(time.Second/time.Microsecond) / int64(t.host.options.NegotiateRate)
}
func (t *rates) burst() int64 { return t.interval() * int64(t.host.options.NegotiateBurst) }

// allow tells whether address may do it once more now, and counts it.
func (t *rates) allow(address string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	at, ok := t.next(address)
	if !ok {
		return false
	}
	if t.young == nil {
		t.young = map[string]int64{}
	}
	t.young[address] = at
	if !t.timed {
		t.timed = true
		t.host.wheel.set(&t.timer, t.lifetime())
	}
	return true
}

// would tells whether allow would say yes.
func (t *rates) would(address string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, ok := t.next(address)
	return ok
}

// next is what is kept of an address that does it once more; not ok: that is too
// often. The mutex is held.
func (t *rates) next(address string) (at int64, ok bool) {
	ms := t.host.wheel.now()
	t.turn(ms)
	now := ms * 1000
	at, young := t.young[address]
	if !young {
		at = t.old[address]
	}
	at = max(at, now) + t.interval()
	return at, at-now <= t.burst()
}

// lifetime is after how long nothing is left of what an address has done.
func (t *rates) lifetime() time.Duration {
	return time.Duration(t.burst())*time.Microsecond + time.Millisecond
}

// turn makes the young generation old when its time has come. The mutex is held.
func (t *rates) turn(now int64) {
	lifetime := t.lifetime().Milliseconds()
	if age := now - t.turned; age >= 2*lifetime {
		t.old, t.young, t.turned = nil, nil, now
	} else if age >= lifetime {
		t.old, t.young, t.turned = t.young, nil, now
	}
}

// sweep gives back what is of no use while nobody comes.
func (t *rates) sweep() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn(t.host.wheel.now())
	t.timed = len(t.young)+len(t.old) > 0
	if t.timed {
		t.host.wheel.set(&t.timer, t.lifetime())
	}
}
