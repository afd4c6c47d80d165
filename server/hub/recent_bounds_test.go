package hub_test

import (
	"fmt"
	"slices"
	"testing"

	"partline.dev/server/hub"
)

func TestRecent_groupsThatNobodyComesBackToAreForgottenAtOnce(t *testing.T) {
	f := newFollowers(t, hub.RecentOptions{})
	c, _ := f.open("c", "", hub.OpenOptions{})
	for i := range 1000 {
		group := fmt.Sprint("g", i)
		if err := f.mux.Join("c", group); err != nil {
			t.Fatal(err)
		}
		if err := f.mux.Leave("c", group); err != nil {
			t.Fatal(err)
		}
	}
	if s := f.core.Stats(); s.Rings != 2 { // the hub's and the tenant's
		t.Errorf("after 1,000 groups that were left: %+v", s)
	}
	f.expect(c, 0)
}

func TestRecent_groupsWithoutFollowersAreBounded(t *testing.T) {
	const limit = 1 << 16
	f := newFollowers(t, hub.RecentOptions{})
	group := func(i int) string { return fmt.Sprint("g", i) }
	var last *hub.Conn
	for n := 0; n < limit+2000; n += 100 {
		c, _ := f.open(fmt.Sprint("c", n), "", hub.OpenOptions{})
		for i := n; i < n+100; i++ {
			if err := f.mux.Join(c.ID(), group(i)); err != nil {
				t.Fatal(err)
			}
		}
		f.lose(c)
		last = c
	}
	if s := f.core.Stats(); s.Rings != limit {
		t.Errorf("%d rooms are kept for who may come back, want %d", s.Rings, limit)
	}
	before := f.core.Latest()
	f.say(f.mux.Group(group(0)), "long ago") // nobody keeps that
	f.say(f.mux.Group(group(limit+1999)), "lately")
	if s := f.core.Stats(); s.Recent != 1 {
		t.Errorf("%d events are kept, want 1", s.Recent)
	}
	names, _ := last.Groups()
	back, _ := f.open(last.ID(), "", hub.OpenOptions{Groups: names, Continues: last})
	f.expect(back, before, "lately")
	f.lose(back)
	f.wait(100_000)
	if s := f.core.Stats(); s.Rings != 0 {
		t.Errorf("after their time: %+v", s)
	}
}

// TestFetch_ofManyGroupsIsInOrder has events go to groups in an order that is not
// the one in which they were joined.
func TestFetch_ofManyGroupsIsInOrder(t *testing.T) {
	const groups = 300
	f := newFollowers(t, hub.RecentOptions{})
	c, _ := f.open("c", "", hub.OpenOptions{})
	for i := range groups {
		if err := f.mux.Join("c", fmt.Sprint("g", i)); err != nil {
			t.Fatal(err)
		}
	}
	var want []string
	for i := range 5 * groups {
		at := i * 7919 % groups
		f.say(f.mux.GroupExcept(fmt.Sprint("g", at), "c"), "not for it")
		f.say(f.mux.Groups(fmt.Sprint("g", at), fmt.Sprint("g", (at+i)%groups)), fmt.Sprint(i))
		want = append(want, fmt.Sprint(i))
	}
	for _, limit := range []int{1, 1000, 1 << 20} {
		if got, _ := f.fetch(0, limit, c); !slices.Equal(got, want) {
			t.Errorf("by %d bytes it hears %d events, want %d in order", limit, len(got), len(want))
		}
	}
}
