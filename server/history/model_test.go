package history_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"partline.dev/internal/testkit"
	"partline.dev/server/history"
)

// The model of a Memory says what it should keep in the plainest form: a list of all
// records in the order in which they came, of which those are taken out that there is
// no room for.

type modelRecord struct {
	room   string
	offset int64
	data   string
}

type modelRoom struct {
	epoch string
	last  int64
	used  int // when it was appended to, in steps
}

type model struct {
	limits  history.Limits
	rooms   map[string]*modelRoom
	records []modelRecord
	step    int
}

// What is counted beside data and names; see memory.go.
const recordCost, roomCost = 192, 512

func (m *model) bytes(room string) (of, all int) {
	for _, r := range m.records {
		all += recordCost + len(r.data)
		if r.room == room {
			of += recordCost + len(r.data)
		}
	}
	for name := range m.rooms {
		all += roomCost + len(name)
	}
	return of, all
}

func (m *model) count(room string) (n int) {
	for _, r := range m.records {
		if r.room == room {
			n++
		}
	}
	return n
}

// drop takes the first record out that fits.
func (m *model) drop(fits func(modelRecord) bool) {
	i := slices.IndexFunc(m.records, fits)
	m.records = slices.Delete(m.records, i, i+1)
}

func (m *model) dropRoom() {
	oldest := ""
	for name, r := range m.rooms {
		if oldest == "" || r.used < m.rooms[oldest].used {
			oldest = name
		}
	}
	delete(m.rooms, oldest)
	m.records = slices.DeleteFunc(m.records, func(r modelRecord) bool { return r.room == oldest })
}

// append says where the record should be; not ok: it never fits.
func (m *model) append(room, data string) (at history.Position, isNew, ok bool) {
	m.step++
	cost := recordCost + len(data)
	if cost > m.limits.RoomBytes || cost+roomCost+len(room) > m.limits.Bytes {
		return history.Position{}, false, false
	}
	r := m.rooms[room]
	if r == nil {
		for len(m.rooms) >= m.limits.Rooms {
			m.dropRoom()
		}
		r, isNew = &modelRoom{}, true
		m.rooms[room] = r
	}
	r.used = m.step
	r.last++
	m.records = append(m.records, modelRecord{room, r.last, data})
	for of, _ := m.bytes(room); of > m.limits.RoomBytes || m.count(room) > m.limits.RoomRecords; of, _ = m.bytes(room) {
		m.drop(func(one modelRecord) bool { return one.room == room })
	}
	for _, all := m.bytes(room); all > m.limits.Bytes; _, all = m.bytes(room) {
		if len(m.records) > 1 {
			m.drop(func(modelRecord) bool { return true })
		} else {
			m.dropRoom()
		}
	}
	return history.Position{Epoch: r.epoch, Offset: r.last}, isNew, true
}

// page is what a read should give, as text.
func (m *model) page(room string, after history.Position, limit int) string {
	r := m.rooms[room]
	if r == nil {
		return "nothing"
	}
	from := int64(1)
	if after.Epoch == r.epoch {
		from = max(after.Offset, 0) + 1
	}
	var all []string
	first := r.last + 1
	for _, one := range m.records {
		if one.room == room {
			first = min(first, one.offset)
			if one.offset >= from && len(all) < limit {
				all = append(all, fmt.Sprint(one.offset, "=", len(one.data)))
			}
		}
	}
	gap := ""
	if from < first {
		gap = fmt.Sprintf("gap %d-%d ", from, first-1)
	}
	return fmt.Sprintf("%s of %d: %s%v", r.epoch, r.last, gap, all)
}

func described(p history.Page) string {
	if p.Last == 0 {
		return "nothing"
	}
	var all []string
	for _, r := range p.Records {
		all = append(all, fmt.Sprint(r.Offset, "=", len(r.Data)))
	}
	gap := ""
	if p.Gap != nil {
		gap = fmt.Sprintf("gap %d-%d ", p.Gap.From, p.Gap.To)
	}
	return fmt.Sprintf("%s of %d: %s%v", p.Epoch, p.Last, gap, all)
}

// TestMemory_model runs random operations beside the model.
func TestMemory_model(t *testing.T) {
	for _, seed := range testkit.Sample(t, 400) {
		random := rand.New(rand.NewPCG(uint64(seed), 7))
		limits := history.Limits{
			RoomRecords: 1 + random.IntN(8), RoomBytes: 300 + random.IntN(6000),
			Bytes: 1200 + random.IntN(12_000), Rooms: 1 + random.IntN(5),
		}
		log := history.NewMemory(limits)
		m := &model{limits: limits, rooms: map[string]*modelRoom{}}
		epochs := []string{"", "another"}
		for step := range 300 {
			room := string(rune('a'+random.IntN(6))) + strings.Repeat("x", random.IntN(2)*random.IntN(400))
			data := strings.Repeat("x", random.IntN(2)*random.IntN(2000))
			want, isNew, fits := m.append(room, data)
			got, err := log.Append(context.Background(), room, []byte(data), quiet)
			if fits != (err == nil) || err != nil && !errors.Is(err, history.ErrFull) {
				t.Fatalf("seed %d, step %d: %v", seed, step, err)
			}
			if fits && isNew {
				if slices.Contains(epochs, got.Epoch) {
					t.Fatalf("seed %d, step %d: the epoch %s is not new", seed, step, got.Epoch)
				}
				m.rooms[room].epoch, want.Epoch = got.Epoch, got.Epoch
				epochs = append(epochs, got.Epoch)
			}
			if got != want {
				t.Fatalf("seed %d, step %d: it is at %v, not %v", seed, step, got, want)
			}
			for range 3 {
				room := string(rune('a' + random.IntN(6)))
				if len(m.rooms) > 0 && random.IntN(2) > 0 && m.rooms[room] == nil {
					for room = range m.rooms {
						break
					}
				}
				after := history.Position{Epoch: epochs[random.IntN(len(epochs))], Offset: int64(random.IntN(20)) - 2}
				if r := m.rooms[room]; r != nil && random.IntN(3) > 0 {
					after.Epoch = r.epoch
				}
				limit := 1 + random.IntN(6)
				p, err := log.Read(context.Background(), room, after, limit)
				if err != nil || described(p) != m.page(room, after, limit) {
					t.Fatalf("seed %d, step %d: %q after %v, %d at most:\n%s, %v, and should be\n%s",
						seed, step, room, after, limit, described(p), err, m.page(room, after, limit))
				}
			}
		}
	}
}
