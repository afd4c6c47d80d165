package classic_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"partline.dev/internal/testkit"
	"partline.dev/server/classic"
	"partline.dev/server/hub"
)

// cutRuns is how many seeds there are.
const cutRuns = 200

// cutMessages is how many are published in each run. What waits for a client stays
// within what a room keeps.
const (
	cutMessages = 600
	cutLead     = 200
)

// TestLinks_cutAtRandom cuts links of all kinds at random moments while one
// publisher speaks to all, a group and single clients. Each client hears what was
// for it, once and in order.
func TestLinks_cutAtRandom(t *testing.T) {
	for _, seed := range testkit.Sample(t, cutRuns) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { runCuts(t, uint64(seed)) })
	}
}

func runCuts(t *testing.T, seed uint64) {
	m := newChat()
	s := serve(t, classic.Options{}, nil, m)
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	room := newProgress()
	var clients []*cutClient
	for i := range 6 {
		c := &cutClient{
			client: s.connected(ways[i%len(ways)], "chatHub"),
			random: rand.New(rand.NewPCG(seed, uint64(i))),
			red:    i < 3,
		}
		if c.red {
			c.call("Join", "red")
			for c.groups == "" { // a call over a WebSocket does not wait for its result
				c.next()
			}
		}
		clients = append(clients, c)
	}
	var all sync.WaitGroup
	for i, c := range clients {
		all.Go(func() { c.listen(ctx, func(n int) { room.reached(i, n) }) })
	}
	random := rand.New(rand.NewPCG(seed, 99))
	want := make([][]string, len(clients))
	for n := range cutMessages {
		room.wait(ctx, len(clients), n-cutLead)
		to := m.All()
		only := -1
		red := false
		switch random.IntN(3) {
		case 1:
			to, red = m.Group("red"), true
		case 2:
			only = random.IntN(len(clients))
			to = m.Client(clients[only].id)
		}
		for i, c := range clients {
			if only == i || only < 0 && (!red || c.red) {
				want[i] = append(want[i], fmt.Sprint(n))
			}
		}
		if err := hub.Publish(ctx, to, lineEvent, line{"", fmt.Sprint(n)}); err != nil {
			t.Error(err)
			break
		}
	}
	for i := range clients {
		want[i] = append(want[i], "end")
	}
	if err := hub.Publish(ctx, m.All(), lineEvent, line{"", "end"}); err != nil {
		t.Error(err)
	}
	all.Wait()
	cuts := 0
	for i, c := range clients {
		cuts += c.cuts
		if !slices.Equal(c.heard, want[i]) {
			t.Errorf("client %d over %s, after %d cuts: %s", i, c.kind, c.cuts, difference(c.heard, want[i]))
		}
	}
	t.Logf("seed %d: %d cuts", seed, cuts)
	if cuts == 0 {
		t.Error("nothing was cut")
	}
	if missed := s.core.Stats().Missed; missed != 0 {
		t.Errorf("%d fetches came too late", missed)
	}
}

// difference is where two lists begin to differ.
func difference(got, want []string) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf("at %d it heard %s, want %s", i, got[i], want[i])
		}
	}
	return fmt.Sprintf("it heard %d, want %d", len(got), len(want))
}

// cutClient is a client whose links break.
type cutClient struct {
	*client
	random *rand.Rand
	red    bool
	heard  []string
	cuts   int
}

// listen hears everything until the end, over as many links as it takes.
func (c *cutClient) listen(ctx context.Context, reached func(int)) {
	for ctx.Err() == nil {
		again, stop := context.WithCancel(ctx)
		release := context.AfterFunc(ctx, c.link.cut)
		if c.random.IntN(4) == 0 {
			// Somewhere in the middle of whatever goes on.
			link, after := c.link, time.Duration(c.random.IntN(400))*time.Microsecond
			timer := time.AfterFunc(after, func() {
				stop()
				link.cut()
			})
			defer timer.Stop()
		}
		e, err := c.receive(again)
		stop()
		release()
		if err != nil {
			c.cuts++
			c.link.cut()
			for ctx.Err() == nil && c.open("reconnect") != nil {
			}
			continue
		}
		for _, item := range e.M {
			said := string(item)
			said = said[len(`{"H":"chatHub","M":"broadcastMessage","A":["","`) : len(said)-len(`"]}`)]
			c.heard = append(c.heard, said)
			if said == "end" {
				reached(cutMessages + cutLead)
				return
			}
			var n int
			_, _ = fmt.Sscan(said, &n)
			reached(n)
		}
	}
}

// progress is how far each of some clients has heard.
type progress struct {
	mu    sync.Mutex // Protects following.
	at    map[int]int
	moved chan struct{}
}

func newProgress() *progress { return &progress{at: map[int]int{}, moved: make(chan struct{})} }

func (p *progress) reached(who, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at[who] = n
	close(p.moved)
	p.moved = make(chan struct{})
}

// wait waits until each has heard that much, as far as it was for it.
func (p *progress) wait(ctx context.Context, clients, n int) {
	for ctx.Err() == nil {
		p.mu.Lock()
		slow := false
		for who := range clients {
			slow = slow || p.at[who] < n-50
		}
		moved := p.moved
		p.mu.Unlock()
		if !slow {
			return
		}
		select {
		case <-moved:
		case <-ctx.Done():
		}
	}
}
