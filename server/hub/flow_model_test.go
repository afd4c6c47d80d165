package hub_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/hub"
)

// flowModel is a client that does random things, and what it should have seen in
// the end: each call that wants an answer has one, each stream its items in
// order before it, each query one answer, and nobody else anything of it.
type flowModel struct {
	random  *rand.Rand
	p       *peer
	next    int
	calls   []string       // ids of those that are answered in the end
	uploads map[string]int // those that are open, and the next item
	waiting []string       // calls that last until they are cancelled
}

func (f *flowModel) id() string {
	f.next++
	return strconv.Itoa(f.next)
}

// step says something to the hub.
func (f *flowModel) step() string {
	call := func(target, arguments string, kind int) (id, record string) {
		id = f.id()
		f.calls = append(f.calls, id)
		return id, fmt.Sprintf(`{"type":%d,"invocationId":"%s","target":"%s","arguments":[%s]}`, kind, id, target, arguments)
	}
	switch f.random.IntN(10) {
	case 0, 1:
		_, record := call("Count", fmt.Sprintf(`%d,"%s"`, f.random.IntN(20), []string{"", "public", "plain", "panic"}[f.random.IntN(4)]), 4)
		return record
	case 2:
		id, record := call("Count", `3,"wait"`, 4)
		f.waiting = append(f.waiting, id)
		return record
	case 3:
		_, record := call("AddUp", "1", 1)
		stream := f.id()
		f.uploads[stream] = 0
		return strings.TrimSuffix(record, "}") + `,"streamIds":["` + stream + `"]}`
	case 4, 5:
		for stream, n := range f.uploads {
			f.uploads[stream]++
			return item(stream, n)
		}
	case 6:
		for stream := range f.uploads {
			delete(f.uploads, stream)
			return completion(stream, []string{"", `"error":"no"`}[f.random.IntN(2)])
		}
	case 7:
		if n := len(f.waiting); n > 0 {
			id := f.waiting[n-1]
			f.waiting = f.waiting[:n-1]
			return `{"type":5,"invocationId":"` + id + `"}`
		}
	case 8:
		_, record := call("Ask", `"who?"`, 1)
		return record
	case 9:
		return []string{item("nothing", 1), completion("nothing", ""), `{"type":5,"invocationId":"nothing"}`, completion("s999", "")}[f.random.IntN(4)]
	}
	return `{"type":6}`
}

// answers says what the hub's queries of late ask for.
func (f *flowModel) answers(t *testing.T, done map[string]bool) {
	for record := range strings.SplitSeq(f.p.seen(), rs) {
		id, ok := strings.CutPrefix(record, `{"type":1,"invocationId":"`)
		if id, _, _ = strings.Cut(id, `"`); !ok || done[id] || f.random.IntN(3) == 0 {
			continue
		}
		done[id] = true
		f.hear(t, completion(id, `"result":"ann"`))
	}
}

func (f *flowModel) hear(t *testing.T, record string) {
	wait, err := f.p.conn.Receive([]byte(record + rs))
	if err != nil {
		t.Fatalf("%s: %v", record, err)
	}
	if wait != nil {
		<-wait
	}
}

func TestFlows_againstAModel(t *testing.T) {
	for seed := range uint64(25) {
		for _, parallel := range []int{1, 4} {
			t.Run(fmt.Sprint("seed ", seed, ", at once ", parallel), func(t *testing.T) {
				runFlowModel(t, rand.New(rand.NewPCG(seed, 2)), parallel)
			})
		}
	}
}

func runFlowModel(t *testing.T, random *rand.Rand, parallel int) {
	inOrderOnly := flow{addUp: func(_ *hub.Context, a addUp) (int, error) {
		n := 0
		for v, err := range a.Items.Values {
			if err != nil {
				return n, err
			}
			if v != n {
				t.Errorf("item %d came as number %d", v, n)
			}
			n++
		}
		return n, nil
	}}
	o := &hub.Options{ParallelInvocations: parallel, StreamLimit: 1000, StreamBuffer: 3}
	flows(t, inOrderOnly.mux(), o, func(t *testing.T, p *peer, open func(string) *peer, core *hub.Core) {
		f := &flowModel{random: random, p: p, uploads: map[string]int{}}
		other := open("other")
		done := map[string]bool{}
		for range 300 {
			f.hear(t, f.step())
			if random.IntN(4) == 0 {
				synctest.Wait()
				f.answers(t, done)
			}
		}
		cut := random.IntN(4) == 0
		if cut {
			p.conn.LinkClosed(errors.New("lost"))
		}
		for stream := range f.uploads {
			f.hear(t, completion(stream, ""))
		}
		for _, id := range f.waiting {
			f.hear(t, `{"type":5,"invocationId":"`+id+`"}`)
		}
		for range 100 { // calls wait in turn, and each may ask
			advance(time.Second)
			f.answers(t, done)
		}
		f.check(t, cut)
		p.conn.LinkClosed(nil)
		advance(time.Minute)
		if got := strings.ReplaceAll(other.seen(), `{"type":6}`+rs, ""); got != "" {
			t.Errorf("another connection saw %q", got)
		}
		if n := core.Stats().Connections; n != 1 {
			t.Errorf("%d connections are left, want the other one", n)
		}
	})
}

// check looks at all that the client has seen.
func (f *flowModel) check(t *testing.T, cut bool) {
	var answered []string
	items := map[string]int{}
	for record := range strings.SplitSeq(f.p.seen(), rs) {
		id := strings.TrimPrefix(strings.TrimPrefix(record, `{"type":2,"invocationId":"`), `{"type":3,"invocationId":"`)
		id, _, _ = strings.Cut(id, `"`)
		switch {
		case strings.HasPrefix(record, `{"type":2`):
			if slices.Contains(answered, id) || record != item(id, items[id]) {
				t.Errorf("item %d of %s is %q", items[id], id, record)
			}
			items[id]++
		case strings.HasPrefix(record, `{"type":3`):
			answered = append(answered, id)
		}
	}
	slices.Sort(answered)
	slices.Sort(f.calls)
	if twice := slices.Compact(slices.Clone(answered)); len(twice) != len(answered) {
		t.Errorf("a call was answered twice: %v", answered)
	}
	if !cut && !slices.Equal(answered, f.calls) {
		t.Errorf("answered %v\nof %v", answered, f.calls)
	}
}
