package hub

import "maps"

// ebbing is a map that gives its memory back when most of what was in it is gone.
// Go's own keeps some 44 bytes for each entry that it ever had at once.
type ebbing[K comparable, V any] struct {
	entries map[K]V
	most    int // entries at once since the map was made
}

// ebbFrom is how many entries a map must have had for it to matter.
const ebbFrom = 1024

func (e *ebbing[K, V]) get(key K) V { return e.entries[key] }

func (e *ebbing[K, V]) len() int { return len(e.entries) }

func (e *ebbing[K, V]) put(key K, v V) {
	if e.entries == nil {
		e.entries = map[K]V{}
	}
	e.entries[key] = v
	e.most = max(e.most, len(e.entries))
}

// remove takes an entry out. Where less than an eighth of the most is left, that is
// moved: each entry that was removed pays for a fraction of one.
func (e *ebbing[K, V]) remove(key K) {
	delete(e.entries, key)
	if e.most < ebbFrom || len(e.entries) > e.most/8 {
		return
	}
	left := make(map[K]V, len(e.entries))
	maps.Copy(left, e.entries)
	e.entries, e.most = left, len(left)
}
