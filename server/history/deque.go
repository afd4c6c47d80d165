package history

// deque is the records of a room in their order: put in at one end, forgotten at the
// other.
type deque struct {
	records []*memoryRecord
	head    int // how many at the beginning are forgotten
}

func (d *deque) len() int { return len(d.records) - d.head }

// at is the one with i before it.
func (d *deque) at(i int) *memoryRecord { return d.records[d.head+i] }

func (d *deque) push(r *memoryRecord) { d.records = append(d.records, r) }

// pop forgets the first. Where most of the slice is forgotten the rest is moved: each
// that was forgotten pays for one.
func (d *deque) pop() *memoryRecord {
	r := d.records[d.head]
	d.records[d.head] = nil
	d.head++
	if left := d.len(); d.head > left {
		d.records, d.head = append(make([]*memoryRecord, 0, left+left/2), d.records[d.head:]...), 0
	}
	return r
}
