package hub_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

func TestGroups_ofAFollower(t *testing.T) {
	f := newFollowers(t, hub.RecentOptions{})
	c, sink := f.open("p", "", hub.OpenOptions{Groups: []string{"b", "a", "b"}})
	check := func(want ...string) uint64 {
		t.Helper()
		names, version := c.Groups()
		if !slices.Equal(names, want) {
			t.Errorf("groups %q, want %q", names, want)
		}
		if again := c.GroupsVersion(); again != version {
			t.Errorf("version %d, and %d when it is asked for alone", version, again)
		}
		return version
	}
	first := check("a", "b")
	if sink.wakes != 0 {
		t.Error("it was woken before it was open")
	}
	f.say(f.mux.Group("a"), "to a")
	f.expect(c, 0, "to a")
	woken := sink.wakes

	for _, name := range []string{"c", "c", "a"} {
		if err := f.mux.Join("p", name); err != nil {
			t.Fatal(err)
		}
	}
	second := check("a", "b", "c")
	if second == first || sink.wakes != woken+1 {
		t.Errorf("version %d became %d with %d wakes, want another and 1", first, second, sink.wakes-woken)
	}
	for range 2 {
		if err := f.mux.Leave("p", "b"); err != nil {
			t.Fatal(err)
		}
	}
	third := check("a", "c")
	if third == second || sink.wakes != woken+2 {
		t.Errorf("version %d became %d with %d wakes, want another and 2", second, third, sink.wakes-woken)
	}
	c.LinkClosed(errors.New("lost"))
	if check("a", "c") != third { // those that it was in then
		t.Error("the end is another version")
	}
	if err := f.mux.Join("p", "d"); !errors.Is(err, hub.ErrUnknownConnection) {
		t.Errorf("a join after the end gave %v", err)
	}
	check("a", "c")
}

func TestOpen_refusesGroups(t *testing.T) {
	bubble(t, talk(nil), &hub.Options{MaxGroups: 2}, func(t *testing.T, _ func(string) *peer, core *hub.Core) {
		for _, c := range []struct {
			groups []string
			want   error
		}{
			{[]string{"a", ""}, contract.ErrName},
			{[]string{strings.Repeat("x", 256)}, contract.ErrName},
			{[]string{"a", "b", "c"}, hub.ErrTooManyGroups},
		} {
			_, err := core.Open(hub.OpenOptions{Hub: "talk", ID: "p", Codec: wire.JSON, Sink: &peer{}, Groups: c.groups})
			if !errors.Is(err, c.want) {
				t.Errorf("groups %.20q gave %v, want %v", c.groups, err, c.want)
			}
		}
		if s := core.Stats(); s.Connections != 0 || s.Rooms != 0 {
			t.Errorf("a refused connection left %+v", s)
		}
		p := lives(t, core, hub.OpenOptions{ID: "p", Groups: []string{"a", "b"}})
		if err := core.Hub("talk").Join("p", "c"); !errors.Is(err, hub.ErrTooManyGroups) {
			t.Errorf("a third group gave %v", err)
		}
		if err := hub.Publish(t.Context(), core.Hub("talk").Group("b"), heardEvent, say{"b"}); err != nil {
			t.Error(err)
		}
		p.expect(t, `{"type":1,"target":"heard","arguments":["b"]}`)
	})
}

func TestInvoke_ofAFollower(t *testing.T) {
	f := newFollowers(t, hub.RecentOptions{})
	ask := contract.NewHub("asking")
	name := contract.NewQuery[say, string](ask, "name")
	asking := hub.New(contract.NewAPI(ask, name))
	if err := f.core.Mount(asking); err != nil {
		t.Fatal(err)
	}
	if _, err := f.core.Open(hub.OpenOptions{Hub: "asking", ID: "p", Codec: followed.Codec(), Sink: &follower{}}); err != nil {
		t.Fatal(err)
	}
	if _, err := hub.Invoke(t.Context(), asking.Client("p"), name, say{}); !errors.Is(err, hub.ErrNoClientResults) {
		t.Errorf("a question to a client of SignalR 2 gave %v", err)
	}
}
