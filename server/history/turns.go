package history

import "sync"

// turns let those who append to one room do so one after another, whatever becomes of
// the room meanwhile, and hold up nobody else.
type turns struct {
	mu sync.Mutex // Protects following.
	of map[string]*turn
}

// turn is a room's. It is there while somebody has it or waits for it.
type turn struct {
	sync.Mutex

	wanted int
}

// take waits for the room's turn; done gives it to the next.
func (t *turns) take(room string) (done func()) {
	t.mu.Lock()
	if t.of == nil {
		t.of = map[string]*turn{}
	}
	one := t.of[room]
	if one == nil {
		one = &turn{}
		t.of[room] = one
	}
	one.wanted++
	t.mu.Unlock()
	one.Lock()
	return func() {
		one.Unlock()
		t.mu.Lock()
		defer t.mu.Unlock()
		if one.wanted--; one.wanted == 0 {
			delete(t.of, room)
		}
	}
}
