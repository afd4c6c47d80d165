package historytest

import (
	"fmt"
	"strconv"
	"sync"
	"testing"

	"partline.dev/server/history"
)

// Of the writers of one room.
const (
	writers = 8
	each    = 4 // records of each writer: together less than every log keeps
)

// manyWriters append to two rooms at once.
func manyWriters(t *testing.T, log history.Log) {
	rooms := []string{"one", "other"}
	said := make([][]int64, len(rooms)) // what then was told, of each room
	var tasks sync.WaitGroup
	var mu sync.Mutex // Protects following.
	acknowledged := map[string]string{}
	for w := range writers * len(rooms) {
		tasks.Go(func() {
			i := w % len(rooms)
			for n := range each {
				data := strconv.Itoa(w) + "." + strconv.Itoa(n)
				at, err := log.Append(t.Context(), rooms[i], []byte(data), func(p history.Position, r history.Record) {
					said[i] = append(said[i], p.Offset) // one after another: the race detector looks
				})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				acknowledged[fmt.Sprint(rooms[i], at.Offset)] = data
				mu.Unlock()
			}
		})
	}
	tasks.Wait()
	if n := len(acknowledged); n != len(rooms)*writers*each {
		t.Fatalf("%d offsets were acknowledged", n)
	}
	for i, name := range rooms {
		p := read(t, log, name, history.Position{}, 0)
		if len(p.Records) != writers*each || p.Gap != nil {
			t.Fatalf("there are %d records of %s, and the gap %v", len(p.Records), name, p.Gap)
		}
		for j, r := range p.Records {
			if want := acknowledged[fmt.Sprint(name, r.Offset)]; string(r.Data) != want {
				t.Errorf("%s %d is %s, acknowledged was %s", name, r.Offset, r.Data, want)
			}
			if said[i][j] != r.Offset {
				t.Errorf("then was told of %s in the order %v", name, said[i])
				break
			}
		}
	}
}

// readersBeside read what one writer appends while it does: each has every record
// once, and none before it is stored.
func readersBeside(t *testing.T, log history.Log) {
	const records = writers * each
	stored := make(chan struct{})
	var tasks sync.WaitGroup
	tasks.Go(func() {
		defer close(stored)
		for n := range records {
			if _, err := log.Append(t.Context(), room, []byte(strconv.Itoa(n)), quiet); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range 3 {
		tasks.Go(func() {
			var after history.Position
			for over := false; ; {
				p, err := log.Read(t.Context(), room, after, 5)
				if err != nil || p.Gap != nil {
					t.Errorf("after %v: %v, %v", after, p.Gap, err)
					return
				}
				for _, r := range p.Records {
					if r.Offset != after.Offset+1 || string(r.Data) != strconv.FormatInt(after.Offset, 10) {
						t.Errorf("after %d comes %d with %s", after.Offset, r.Offset, r.Data)
						return
					}
					after = history.Position{Epoch: p.Epoch, Offset: r.Offset}
				}
				switch {
				case after.Offset == records:
					return
				case len(p.Records) > 0:
				case over:
					t.Errorf("all is stored, and a reader is at %d", after.Offset)
					return
				default:
					<-stored
					over = true
				}
			}
		})
	}
	tasks.Wait()
}
