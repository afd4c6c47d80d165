package edge_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"partline.dev/internal/testkit"
	"partline.dev/server/edge/inside"
	"partline.dev/shared/connected"
	"partline.dev/shared/testhub"
)

const (
	crowd = 1000 // who come and go
	waves = 4
)

// TestCrowd_comesAndGoes has a thousand members come in waves and go again, to two
// hubs, in both protocols. Each wave is heard by all who are there, and nothing is left
// of who has gone.
func TestCrowd_comesAndGoes(t *testing.T) {
	t.Parallel()
	must, who := mustOf(t), testkit.Sample(t, crowd)
	// What is left of the first ones would be in the way of the second: there is room for
	// one of each address, and for no more than come.
	r := start(t, t.TempDir(), map[string]string{
		"MAX_CONNECTIONS": fmt.Sprint(len(who) + 1), "MAX_PER_ADDRESS": "1", "HANDSHAKES_PER_ADDRESS": "1",
	})
	const room = "crowd"
	begun := memoryOf(r.pid)
	watcher, err := join(t, r, room, "the watcher", codecs(0), inside.Negotiation{Hub: "test"})
	must(err)
	for range 2 {
		all := make([]*comer, len(who))
		ends := []int{0}
		for i := range waves {
			first, end := ends[i], len(who)*(i+1)/waves
			ends = append(ends, end)
			together(t, end-first, func(i int) (err error) {
				all[first+i], err = comes(t, r, room, who[first+i])
				return err
			})
			must(heard(watcher, all[:end], fmt.Sprint("with ", end)))
		}
		full := memoryOf(r.pid)
		for i := range waves {
			var gone sync.WaitGroup
			for _, m := range all[ends[i]:ends[i+1]] {
				gone.Go(m.close)
			}
			gone.Wait()
			must(heard(watcher, all[ends[i+1]:], fmt.Sprint("without ", ends[i+1])))
		}
		t.Logf("table: %d members of one room: workerd has %d MiB in memory before them, %d with them, %d after them", len(who), begun, full, memoryOf(r.pid))
	}
}

// comer is one of them: in a group with a tenth of them, or in the other hub.
type comer struct {
	*member
	other bool
	ten   int
}

// comes is one member more: into the hub test and two groups, or into the other hub.
func comes(t *testing.T, r *runtime, room string, i int) (*comer, error) {
	n := inside.Negotiation{Hub: "test", Address: fmt.Sprint("address", i)}
	if i%4 == 3 {
		n.Hub = "connected"
	}
	m, err := join(t, r, room, fmt.Sprint("member ", i), codecs(i/2), n)
	if err != nil {
		return nil, err
	}
	m.forget()
	c := &comer{m, n.Hub != "test", i % 10}
	if c.other {
		return c, nil
	}
	for _, name := range []string{"crowd", fmt.Sprint("ten", c.ten)} {
		if _, err := call(m, testhub.JoinMethod, testhub.Name{Name: name}); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// heard says something to everybody, to two groups and to the other hub, and checks that
// those who are there hear what is theirs, once. Whoever would hear it twice hears it
// before what is said the next time.
func heard(watcher *member, all []*comer, text string) error {
	for whom, name := range map[string]string{"others": "", "group": "crowd", "groups": "ten3"} {
		tell := testhub.Tell{Whom: whom, Text: text + " to " + whom, Names: []string{name}}
		if _, err := call(watcher, testhub.TellMethod, tell); err != nil {
			return err
		}
	}
	for _, m := range all {
		if m.other {
			if _, err := call(m.member, connected.SendMethod, connected.Send{Name: "part", Message: text}); err != nil {
				return err
			}
			break
		}
	}
	for i, m := range all {
		want := []string{"message: {" + text + " to others}", "message: {" + text + " to group}"}
		switch {
		case m.other:
			want = []string{"broadcastMessage: {part " + text + "}"}
		case m.ten == 3:
			want = append(want, "message: {"+text+" to groups}")
		}
		if err := m.await(len(want), nil); err != nil {
			return err
		}
		got := m.forget()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			return fmt.Errorf("member %d heard %q, want %q", i, got, want)
		}
	}
	return nil
}

// memoryOf is what a process has in memory, in MiB; 0: the system does not tell.
func memoryOf(pid int) int {
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kB, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, err := strconv.Atoi(kB)
	if err != nil {
		return 0
	}
	return n / 1024
}
