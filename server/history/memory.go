package history

import (
	"bytes"
	"container/list"
	"context"
	"crypto/rand"
	"sync"
	"time"
)

// Limits bound what a [Memory] keeps. Zero values are the defaults.
type Limits struct {
	// RoomRecords is how many records one room keeps. Zero: 10,000.
	RoomRecords int

	// Bytes is how many bytes all rooms may take. Zero: 64 MiB.
	Bytes int

	// RoomBytes is how many bytes the records of one room may take. Zero: a sixteenth
	// of Bytes, but at least one record as long as may be.
	RoomBytes int

	// Rooms is how many rooms there may be. Zero: 10,000.
	Rooms int
}

// What is counted beside a record's data, and beside a room's name: about what they
// cost in memory.
const (
	recordCost = 192
	roomCost   = 512
)

func (l Limits) withDefaults() Limits {
	orInt := func(n *int, fallback int) {
		if *n <= 0 {
			*n = fallback
		}
	}
	orInt(&l.RoomRecords, 10_000)
	orInt(&l.Bytes, 64<<20)
	orInt(&l.RoomBytes, max(l.Bytes/16, recordCost+MaxRecord))
	orInt(&l.Rooms, 10_000)
	return l
}

// Memory is a [Log] in memory, which ends with the process. What there is no room for
// any more goes in the order of its age: the oldest records of a room that has as much
// as it may, the oldest of all where all have, and of too many rooms the one that was
// appended to least recently. A room that is begun again has another epoch.
//
// Append gives ErrFull for a record that the limits have no room for at all.
type Memory struct {
	limits Limits
	turns  turns

	mu      sync.Mutex // Protects following.
	rooms   map[string]*memoryRoom
	lively  *list.List // of *memoryRoom, the one appended to least recently first
	records *list.List // of *memoryRecord, of all rooms, the oldest first
	bytes   int
}

// memoryRoom is what is kept of one room.
type memoryRoom struct {
	name    string
	epoch   string
	last    int64 // the offset of the newest record
	records deque // of *memoryRecord, without a hole, up to last
	bytes   int   // of its records
	at      *list.Element
}

// memoryRecord is one record, and where it is in the order of all.
type memoryRecord struct {
	Record

	room *memoryRoom
	at   *list.Element
}

func (r *memoryRecord) cost() int { return recordCost + len(r.Data) }

func (r *memoryRoom) cost() int { return roomCost + len(r.name) }

// NewMemory returns a Memory without any room.
func NewMemory(l Limits) *Memory {
	return &Memory{limits: l.withDefaults(), rooms: map[string]*memoryRoom{}, lively: list.New(), records: list.New()}
}

// Append is [Log.Append]. It keeps a copy of data.
func (m *Memory) Append(ctx context.Context, room string, data []byte, then func(Position, Record)) (Position, error) {
	if len(data) > MaxRecord {
		return Position{}, ErrTooLong
	}
	cost := recordCost + len(data)
	if cost > m.limits.RoomBytes || cost+roomCost+len(room) > m.limits.Bytes {
		return Position{}, ErrFull
	}
	defer m.turns.take(room)()
	if err := ctx.Err(); err != nil {
		return Position{}, err
	}
	at, record := m.store(room, bytes.Clone(data))
	then(at, record)
	return at, nil
}

// Read is [Log.Read].
func (m *Memory) Read(ctx context.Context, room string, after Position, limit int) (Page, error) {
	if err := ctx.Err(); err != nil {
		return Page{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rooms[room]
	if r == nil {
		return Page{}, nil
	}
	return r.page(after, limit), nil
}

// store makes room for a record and keeps it.
func (m *Memory) store(name string, data []byte) (Position, Record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rooms[name]
	if r == nil {
		for len(m.rooms) >= m.limits.Rooms {
			m.dropRoom()
		}
		r = &memoryRoom{name: name, epoch: rand.Text()}
		r.at = m.lively.PushBack(r)
		m.rooms[name] = r
		m.bytes += r.cost()
	} else {
		m.lively.MoveToBack(r.at)
	}
	r.last++
	one := &memoryRecord{Record: Record{Offset: r.last, At: time.Now().UnixMilli(), Data: data}, room: r}
	one.at = m.records.PushBack(one)
	r.records.push(one)
	r.bytes += one.cost()
	m.bytes += one.cost()
	for r.bytes > m.limits.RoomBytes || r.records.len() > m.limits.RoomRecords {
		m.dropOldest(r)
	}
	for m.bytes > m.limits.Bytes {
		if oldest := m.records.Front().Value.(*memoryRecord); oldest != one {
			m.dropOldest(oldest.room)
		} else {
			m.dropRoom() // it is not r, which was appended to last
		}
	}
	return Position{r.epoch, one.Offset}, one.Record
}

// dropOldest forgets the oldest record of r.
func (m *Memory) dropOldest(r *memoryRoom) {
	one := r.records.pop()
	m.records.Remove(one.at)
	r.bytes -= one.cost()
	m.bytes -= one.cost()
}

// dropRoom forgets the room that was appended to least recently.
func (m *Memory) dropRoom() {
	r := m.lively.Remove(m.lively.Front()).(*memoryRoom)
	for r.records.len() > 0 {
		m.dropOldest(r)
	}
	delete(m.rooms, r.name)
	m.bytes -= r.cost()
}

// page is what Read gives.
func (r *memoryRoom) page(after Position, limit int) Page {
	p := Page{Epoch: r.epoch, Last: r.last}
	from := int64(1)
	if after.Epoch == r.epoch && after.Offset > 0 {
		from = min(after.Offset, r.last) + 1
	}
	first := r.last - int64(r.records.len()) + 1
	if from < first {
		p.Gap = &Gap{from, first - 1}
		from = first
	}
	if limit <= 0 || limit > pageLimit {
		limit = pageLimit
	}
	n := min(int(r.last-from)+1, limit)
	p.Records = make([]Record, n)
	for i := range p.Records {
		p.Records[i] = r.records.at(int(from-first) + i).Record
	}
	return p
}

// pageLimit is how many records a page has at most.
const pageLimit = 1000
