package hub_test

import (
	"errors"
	"strings"
	"testing"

	"partline.dev/server/hub"
)

func TestRecent_sharesOneBudgetOldestFirst(t *testing.T) {
	const budget = 100_000
	f := newFollowers(t, hub.RecentOptions{Bytes: budget})
	quiet, _ := f.open("quiet", "ann", hub.OpenOptions{})
	loud, _ := f.open("loud", "bob", hub.OpenOptions{})
	f.say(f.mux.User("ann"), "old")
	text := strings.Repeat("x", 1000)
	for range 50 {
		f.say(f.mux.User("bob"), text)
	}
	if got, _ := f.fetch(0, 1<<20, quiet); len(got) != 1 {
		t.Errorf("within the budget the quiet room has %d", len(got))
	}
	for range 100 {
		f.say(f.mux.User("bob"), text)
		if s := f.core.Stats(); s.RecentBytes > budget {
			t.Fatalf("%d bytes are kept, of %d", s.RecentBytes, budget)
		}
	}
	if _, _, err := f.core.Fetch(0, 1<<20, quiet); !errors.Is(err, hub.ErrMissed) {
		t.Errorf("the oldest event went, and the fetch says %v", err)
	}
	latest := f.core.Latest()
	if got, _ := f.fetch(latest-50, 1<<20, loud); len(got) != 50 {
		t.Errorf("the loud room has %d of its latest 50", len(got))
	}
}

// What is framed for everybody counts as what it was made of does.
func TestRecent_countsWhatIsShared(t *testing.T) {
	f := newFollowers(t, hub.RecentOptions{Bytes: 3000})
	c, _ := f.open("one", "", hub.OpenOptions{})
	from := f.core.Latest()
	for range 5 {
		f.say(f.mux.All(), "x")
	}
	events, _, err := f.core.Fetch(from, 1<<20, c)
	if err != nil || len(events) != 5 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	before := f.core.Stats()
	frame := func() []byte { return make([]byte, 1000) }
	for slot := range 2 {
		for range 2 { // once made, it is there
			events[4].Shared(slot, frame)
		}
	}
	if after := f.core.Stats(); after.RecentBytes != before.RecentBytes+2000 || after.Recent != 5 {
		t.Errorf("before %+v, after %+v", before, after)
	}
	events[3].Shared(0, frame) // and the oldest make room
	if after := f.core.Stats(); after.RecentBytes > 3000 || after.Recent >= 5 {
		t.Errorf("it is over the budget: %+v", after)
	}
	events[0].Shared(0, frame) // one that is not kept any more
	if after := f.core.Stats(); after.RecentBytes > 3000 {
		t.Errorf("what is not kept counts: %+v", after)
	}
	f.lose(c)
	f.wait(100_001)
	if after := f.core.Stats(); after.RecentBytes != 0 || after.Recent != 0 {
		t.Errorf("at the end there is %+v", after)
	}
}
