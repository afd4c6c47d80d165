package transport

import (
	"sync"
	"sync/atomic"
)

// perAddress counts something per client address, up to a limit each.
type perAddress struct {
	limit int

	mu     sync.Mutex // Protects following.
	counts map[string]int
}

// add counts one more for address, unless that is over the limit.
func (p *perAddress) add(address string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.counts[address] >= p.limit {
		return false
	}
	if p.counts == nil {
		p.counts = map[string]int{}
	}
	p.counts[address]++
	return true
}

// remove takes back one add.
func (p *perAddress) remove(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.counts[address]--; p.counts[address] <= 0 {
		delete(p.counts, address)
	}
	if len(p.counts) == 0 {
		p.counts = nil // a map keeps the space of what was deleted
	}
}

// atMost counts something up to a limit.
type atMost struct {
	limit int64
	n     atomic.Int64
}

// add counts one more, unless that is over the limit.
func (a *atMost) add() bool {
	if a.n.Add(1) <= a.limit {
		return true
	}
	a.n.Add(-1)
	return false
}

// remove takes back one add.
func (a *atMost) remove() { a.n.Add(-1) }
