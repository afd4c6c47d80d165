package room

import (
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"sync"

	"partline.dev/server/history"
)

// How much history is kept, beside Options.HistoryBytes for all of it: as at home.
const (
	maxHistoryRooms   = 10_000
	maxHistoryRecords = 10_000  // of one room
	maxHistoryBytes   = 4 << 20 // of one room, which bounds what a page has
	maxHistoryPage    = 1000    // records
)

// What is counted beside a record's data, and beside a room's name, for their keys and
// what storage needs itself.
const (
	recordCost = 192
	roomCost   = 512
)

// storedHistory is the [history.Log] of an object, in its storage. What there is no
// room for any more goes in the order of its age: the oldest records of a room that has
// as much as it may, the oldest of all where all have, and of too many rooms the one
// that was appended to least recently. A room that is begun again has another epoch.
type storedHistory struct {
	object    Object
	storage   Storage
	mostBytes int64
	mostRooms int

	mu     sync.Mutex               // Protects following, and its part of the storage.
	rooms  map[string]historyOfRoom // nil: not read yet
	bytes  int64                    // of all rooms
	number int64                    // of the newest record of all rooms
	broken error                    // after which nobody knows what is stored
}

func newHistory(o Object, bytes int64) *storedHistory {
	if bytes <= 0 {
		bytes = 64 << 20
	}
	return &storedHistory{object: o, storage: o.Storage(), mostBytes: bytes, mostRooms: maxHistoryRooms}
}

// Append is [history.Log]'s. It does not wait for the storage: nothing leaves the
// object before what was put is there.
func (h *storedHistory) Append(ctx context.Context, room string, data []byte, then func(history.Position, history.Record)) (history.Position, error) {
	if len(data) > history.MaxRecord {
		return history.Position{}, history.ErrTooLong
	}
	if int64(recordCost+len(data)+roomCost+len(room)) > h.mostBytes {
		return history.Position{}, history.ErrFull
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return history.Position{}, err
	}
	if err := h.open(); err != nil {
		return history.Position{}, err
	}
	change := h.change()
	record, err := change.add(room, data)
	if err == nil {
		err = h.apply(change)
	}
	if errors.Is(err, ErrStorageFull) {
		err = history.ErrFull
	}
	if err != nil {
		return history.Position{}, err
	}
	at := history.Position{Epoch: h.rooms[room].epoch, Offset: record.Offset}
	then(at, record)
	return at, nil
}

// Read is [history.Log]'s.
func (h *storedHistory) Read(ctx context.Context, room string, after history.Position, limit int) (history.Page, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return history.Page{}, err
	}
	if err := h.open(); err != nil {
		return history.Page{}, err
	}
	r, there := h.rooms[room]
	if !there {
		return history.Page{}, nil
	}
	page := history.Page{Epoch: r.epoch, Last: r.last}
	from := int64(1)
	if after.Epoch == r.epoch && after.Offset > 0 {
		from = min(after.Offset, r.last) + 1
	}
	if from < r.first {
		page.Gap = &history.Gap{From: from, To: r.first - 1}
		from = r.first
	}
	if limit <= 0 || limit > maxHistoryPage {
		limit = maxHistoryPage
	}
	err := h.storage.List(keyOfRecord(room, from), keyOfRecord(room, r.last+1), limit, func(_ string, value []byte) bool {
		if s, ok := readStored(value); ok {
			page.Records = append(page.Records, history.Record{Offset: from + int64(len(page.Records)), At: s.at, Data: s.data})
			return true
		}
		return false
	})
	if want := min(int64(limit), r.last+1-from); err == nil && int64(len(page.Records)) != want {
		err = errHistory
	}
	if err != nil {
		return history.Page{}, err
	}
	return page, nil
}

// open reads which rooms there are, once.
func (h *storedHistory) open() error {
	if h.broken != nil || h.rooms != nil {
		return h.broken
	}
	rooms, unreadable := map[string]historyOfRoom{}, false
	h.bytes, h.number = 0, 0
	err := eachUnder(h.storage, prefixRoom, 1000, func(key string, value []byte) {
		name, named := nameIn(key[len(prefixRoom):])
		r, ok := readHistoryOfRoom(value)
		unreadable = unreadable || !named || !ok
		rooms[name] = r
		h.bytes += r.bytes + costOfRoom(name)
		h.number = max(h.number, r.newest)
	})
	if err != nil {
		return err
	}
	if unreadable {
		return errHistory
	}
	h.rooms = rooms
	return nil
}

// apply stores a change. On an error nothing has changed; but after one that leaves
// open what is stored, the history is of no use until the room comes into memory anew.
func (h *storedHistory) apply(c *historyChange) error {
	if err := putAll(h.storage, c.puts()...); err != nil {
		if errors.Is(err, errTorn) {
			h.broken = err
		}
		return err
	}
	for _, key := range c.deletes {
		if err := h.storage.Delete(key); err != nil {
			h.broken = err
			return err
		}
	}
	maps.Copy(h.rooms, c.rooms)
	for _, name := range c.dropped {
		delete(h.rooms, name)
	}
	h.bytes, h.number = c.bytes, c.number
	return nil
}

var errHistory = errors.New("what was stored of the history cannot be read")

func keyOfRecord(room string, offset int64) string {
	return keyIn(prefixHistory, room, uint64(offset))
}

func costOfRoom(name string) int64 { return int64(roomCost + len(name)) }

// historyOfRoom is what is known of a room's history without its records.
type historyOfRoom struct {
	epoch          string
	first, last    int64 // offsets of the oldest and the newest record that is there; first > last: none is
	oldest, newest int64 // their numbers among the records of all rooms
	bytes          int64 // that the records count for
}

func (r *historyOfRoom) numbers() []*int64 {
	return []*int64{&r.first, &r.last, &r.oldest, &r.newest, &r.bytes}
}

// append appends the binary form, which is as long for every state of a room: to put
// one in the place of another takes no more storage.
func (r *historyOfRoom) append(dst []byte) []byte {
	for _, n := range r.numbers() {
		dst = binary.BigEndian.AppendUint64(dst, uint64(*n))
	}
	return append(dst, r.epoch...)
}

func readHistoryOfRoom(data []byte) (r historyOfRoom, ok bool) {
	for _, n := range r.numbers() {
		if len(data) < 8 {
			return historyOfRoom{}, false
		}
		*n = int64(binary.BigEndian.Uint64(data))
		if data = data[8:]; *n < 0 {
			return historyOfRoom{}, false
		}
	}
	r.epoch = string(data)
	return r, r.epoch != "" && r.first >= 1 && r.last >= r.first-1
}

// stored is the value under a record's key.
type stored struct {
	number int64 // among the records of all rooms
	at     int64
	data   []byte
}

func (s *stored) append(dst []byte) []byte {
	dst = binary.AppendVarint(binary.AppendVarint(dst, s.number), s.at)
	return append(dst, s.data...)
}

func readStored(value []byte) (s stored, ok bool) {
	in := recordReader{data: value}
	s.number, s.at = in.time(), in.time()
	s.data = slices.Clip(in.data)
	return s, !in.broken
}
