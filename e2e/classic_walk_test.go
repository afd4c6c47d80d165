package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit/faultproxy"
	"partline.dev/internal/testkit/partline"
)

// walkersGroup is the group of the connections of walk.mjs.
const walkersGroup = "walkers"

// walked is what a connection of walk.mjs has met.
type walked struct {
	Transport  string
	Heard      int
	Wrong      []string // what it has heard out of order
	Before, ID string   // its id at the start, and now
	States     []string
	Errors     []string
	Log        []string
}

// walkers are a page with connections, each over a proxy of its own.
type walkers struct {
	*chromium.Page
	site *npmSite
	t    *testing.T
	ids  []string
}

// newWalkers starts connections at the bases, over the transports in turn.
func newWalkers(t *testing.T, b *chromium.Browser, n *npmSite, c classicClient, bases []string, transports ...string) *walkers {
	t.Helper()
	w := &walkers{b.Open(classicPageAt(n, c, bases[0], "walk.mjs")), n, t, nil}
	w.Wait("the walkers", `window.tell && window.cut`)
	w.do(time.Minute, &w.ids, "start", bases, transports, walkersGroup)
	return w
}

// do has the page call a function of walk.mjs that takes long.
func (w *walkers) do(guard time.Duration, report any, function string, args ...any) {
	w.t.Helper()
	list, err := json.Marshal(args)
	if err != nil {
		w.t.Fatal(err)
	}
	w.site.hear(w.t, w.Page, fmt.Sprintf("%s(...%s)", function, list), guard, report)
}

// expect waits until all have heard the numbers up to the last, and fails for each
// that missed one, heard one twice, or is another connection than before.
func (w *walkers) expect(last int) (reports []walked) {
	w.t.Helper()
	w.do(time.Minute, &reports, "end", last)
	for i, r := range reports {
		if len(r.Wrong) > 0 || r.Heard != last || r.ID != r.Before {
			w.t.Errorf("connection %d over %s: wrong is %q; it has heard %d of %d; its id is %s and was %s; states %q, errors %q, log:\n%s",
				i, r.Transport, r.Wrong, r.Heard, last, r.ID, r.Before, r.States, r.Errors, r.Log)
		}
	}
	return reports
}

// speaker says numbers from a server, to everybody and to the group in turn.
type speaker struct {
	t    *testing.T
	s    *partline.Server
	last int // the last number that was said
}

// say says the next numbers.
func (p *speaker) say(count int) {
	p.t.Helper()
	for range count {
		p.last++
		if err := p.one(p.t.Context()); err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p *speaker) one(ctx context.Context) error {
	q := url.Values{"text": {fmt.Sprint(p.last)}}
	if p.last%2 == 0 {
		q.Set("group", walkersGroup)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.s.URL+"/say?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	reply.Body.Close()
	if reply.StatusCode != http.StatusNoContent {
		return fmt.Errorf("to say %d: %s", p.last, reply.Status)
	}
	return nil
}

// start says a number every so often until the function that it returns is called.
func (p *speaker) start(every time.Duration) (stop func()) {
	ctx, cancel := context.WithCancel(p.t.Context())
	var speaking sync.WaitGroup
	speaking.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			p.last++
			if err := p.one(context.WithoutCancel(ctx)); err != nil {
				p.t.Error(err)
				return
			}
		}
	})
	return func() {
		cancel()
		speaking.Wait()
	}
}

// cutEach cuts the link of every connection, also what a browser tries at once
// instead, which it does for a frozen page too.
func (n *npmSite) cutEach() {
	for _, p := range n.each {
		p.Set(faultproxy.Fault{Refuse: true})
		p.Cut()
	}
	<-time.After(cutMoment)
	for _, p := range n.each {
		p.Set(faultproxy.Fault{})
	}
}

// livesOf is what a server has seen of a connection so far.
func livesOf(t *testing.T, s *partline.Server, id string) (lives []string) {
	t.Helper()
	reply, err := http.Get(s.URL + "/lives?id=" + url.QueryEscape(id))
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	if err := json.NewDecoder(reply.Body).Decode(&lives); err != nil {
		t.Fatal(err)
	}
	if len(lives) == 0 {
		t.Fatalf("the server has seen nothing of %s", id)
	}
	return lives
}
