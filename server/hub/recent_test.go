package hub_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/shared/wire"
)

var followed = hub.NewEncoding(wire.JSONAsDeclared, nil)

// follower counts its wakes and keeps no events.
type follower struct {
	mu     sync.Mutex // Protects following.
	wakes  int
	closed *hub.CloseReason
}

func (f *follower) Wake() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.wakes++
}

func (f *follower) Close(reason hub.CloseReason) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = &reason
}

func (f *follower) Send(e *hub.Event) error {
	if !e.Last() {
		return errors.New("a follower is sent events")
	}
	return nil
}

func (*follower) Room() <-chan struct{} { return nil }

// followers is a hub with a clock that the test moves.
type followers struct {
	t      *testing.T
	core   *hub.Core
	mux    *hub.Mux
	now    int64
	tasks  sync.WaitGroup
	timers []func()
	due    []int64
}

func newFollowers(t *testing.T, o hub.RecentOptions) *followers {
	f := &followers{t: t, mux: talk(nil)}
	o.Encoding = followed
	f.core = hub.NewCore(hub.Env{
		Now: func() int64 { return f.now },
		After: func(ms int64, call func()) func() bool {
			f.timers, f.due = append(f.timers, call), append(f.due, f.now+ms)
			return func() bool { return true }
		},
		Go: f.tasks.Go,
	}, &hub.Options{Recent: o})
	t.Cleanup(f.tasks.Wait)
	if err := f.core.Mount(f.mux); err != nil {
		t.Fatal(err)
	}
	return f
}

// wait moves the clock.
func (f *followers) wait(ms int64) {
	f.now += ms
	for i := 0; i < len(f.timers); i++ {
		if f.timers[i] != nil && f.due[i] <= f.now {
			call := f.timers[i]
			f.timers[i] = nil
			call()
		}
	}
}

// lose ends a connection for good.
func (f *followers) lose(c *hub.Conn) {
	c.LinkClosed(errors.New("lost"))
	f.tasks.Wait()
}

func (f *followers) open(id, user string, o hub.OpenOptions) (*hub.Conn, *follower) {
	f.t.Helper()
	sink := &follower{}
	o.Hub, o.ID, o.Sink, o.Principal, o.Quiet, o.Codec = "talk", id, sink, hub.Principal{ID: user}, true, wire.JSONAsDeclared
	c, err := f.core.Open(o)
	if err != nil {
		f.t.Fatal(err)
	}
	return c, sink
}

func (f *followers) say(to hub.Target, text string) {
	f.t.Helper()
	if err := hub.Publish(f.t.Context(), to, heardEvent, say{text}); err != nil {
		f.t.Fatal(err)
	}
}

// texts are what the events say.
func texts(events []*hub.Recent) []string {
	var said []string
	for _, e := range events {
		_, text, _ := strings.Cut(string(e.Item()), `"arguments":["`)
		text, _, _ = strings.Cut(text, `"`)
		said = append(said, text)
	}
	return said
}

// fetch takes everything after a number, a few bytes at a time.
func (f *followers) fetch(after uint64, limit int, conns ...*hub.Conn) (said []string, upTo uint64) {
	f.t.Helper()
	for {
		events, next, err := f.core.Fetch(after, limit, conns...)
		if err != nil {
			f.t.Fatal(err)
		}
		if next < after {
			f.t.Fatalf("after %d comes %d", after, next)
		}
		if len(events) == 0 {
			return said, next
		}
		said, after = append(said, texts(events)...), next
	}
}

func (f *followers) expect(c *hub.Conn, after uint64, want ...string) (upTo uint64) {
	f.t.Helper()
	got, upTo := f.fetch(after, 1<<20, c)
	if !slices.Equal(got, want) {
		f.t.Errorf("after %d it hears %q, want %q", after, got, want)
	}
	return upTo
}

func TestFetch_isWhatConcernsTheConnection(t *testing.T) {
	f := newFollowers(t, hub.RecentOptions{})
	f.say(f.mux.All(), "before anybody")
	c, sink := f.open("c", "ann", hub.OpenOptions{})
	start := f.core.Latest()
	other, _ := f.open("other", "bob", hub.OpenOptions{})
	if err := errors.Join(f.mux.Join("c", "g"), f.mux.Join("c", "h")); err != nil {
		t.Fatal(err)
	}
	f.say(f.mux.All(), "all")
	f.say(f.mux.AllExcept("c"), "others")
	f.say(f.mux.Groups("g", "h"), "once")
	f.say(f.mux.User("ann"), "user")
	f.say(f.mux.User("bob"), "other user")
	f.say(f.mux.Client("c"), "alone")
	f.say(f.mux.Clients("c", "other", "c"), "both")
	f.expect(c, start, "all", "once", "user", "alone", "both")
	f.expect(other, start, "all", "others", "other user", "both")
	if sink.wakes < 5 {
		t.Errorf("woken %d times", sink.wakes)
	}
}

func TestFetch_ofAGroupThatWasLeftHasItsEnd(t *testing.T) {
	f := newFollowers(t, hub.RecentOptions{})
	c, _ := f.open("c", "", hub.OpenOptions{})
	start := f.core.Latest()
	_ = f.mux.Join("c", "g")
	f.say(f.mux.Group("g"), "in")
	_ = f.mux.Leave("c", "g")
	f.say(f.mux.Group("g"), "out")
	_ = f.mux.Join("c", "g")
	f.say(f.mux.Group("g"), "in again")
	f.expect(c, start, "in", "in again")
}

func TestFetch_goesOnAfterTheConnectionItContinues(t *testing.T) {
	f := newFollowers(t, hub.RecentOptions{})
	first, _ := f.open("c", "", hub.OpenOptions{})
	_ = f.mux.Join("c", "g")
	f.say(f.mux.All(), "heard")
	at := f.expect(first, 0, "heard")
	f.say(f.mux.Client("c"), "alone")
	f.lose(first)
	f.say(f.mux.All(), "while away")
	f.say(f.mux.Group("g"), "to the group")
	f.wait(99_000)
	second, _ := f.open("c", "", hub.OpenOptions{Continues: first})
	_ = f.mux.Join("c", "g")
	f.say(f.mux.All(), "back")
	f.expect(second, at, "alone", "while away", "back")

	stranger, _ := f.open("d", "", hub.OpenOptions{})
	f.expect(stranger, 0)
}

func TestRecent_isForgottenWithItsLastFollower(t *testing.T) {
	f := newFollowers(t, hub.RecentOptions{})
	c, _ := f.open("c", "", hub.OpenOptions{})
	f.say(f.mux.All(), "one")
	f.say(f.mux.Client("c"), "two")
	if s := f.core.Stats(); s.Rings != 3 || s.Recent != 2 || s.RecentBytes == 0 {
		t.Errorf("kept: %+v", s)
	}
	f.lose(c)
	f.wait(99_999)
	if s := f.core.Stats(); s.Recent != 2 {
		t.Errorf("within its time: %+v", s)
	}
	f.wait(1)
	if s := f.core.Stats(); s.Rings != 0 || s.Recent != 0 || s.RecentBytes != 0 {
		t.Errorf("after its time: %+v", s)
	}
	f.say(f.mux.All(), "nobody follows")
	if s := f.core.Stats(); s.Recent != 0 {
		t.Errorf("without followers: %+v", s)
	}
}

func TestFetch_saysWhatItMissed(t *testing.T) {
	f := newFollowers(t, hub.RecentOptions{Messages: 10})
	c, _ := f.open("c", "", hub.OpenOptions{})
	for i := range 10 {
		f.say(f.mux.All(), fmt.Sprint(i))
	}
	if got, _ := f.fetch(0, 1<<20, c); len(got) != 10 {
		t.Fatalf("a full ring gives %q", got)
	}
	f.say(f.mux.All(), "10")
	events, upTo, err := f.core.Fetch(0, 1<<20, c)
	if !errors.Is(err, hub.ErrMissed) || events != nil || upTo != f.core.Latest() {
		t.Errorf("it gives %q up to %d of %d: %v", texts(events), upTo, f.core.Latest(), err)
	}
	if s := f.core.Stats(); s.Missed != 1 {
		t.Errorf("missed: %d", s.Missed)
	}
	f.say(f.mux.All(), "11")
	f.expect(c, upTo, "11")
}

func TestPush_isForOneConnection(t *testing.T) {
	f := newFollowers(t, hub.RecentOptions{})
	c, _ := f.open("c", "", hub.OpenOptions{})
	d, _ := f.open("d", "", hub.OpenOptions{})
	number, err := c.Push([]byte(`{"arguments":["pushed"]}`))
	if err != nil || number != f.core.Latest() {
		t.Fatal(number, err)
	}
	f.expect(c, 0, "pushed")
	f.expect(d, 0)
	f.lose(c)
	if _, err := c.Push([]byte("late")); !errors.Is(err, hub.ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}

// TestFetch_againstAModel does random things and asks every follower, at random
// times and from where it was or from before, whether it hears all and nothing else.
func TestFetch_againstAModel(t *testing.T) {
	for seed := range uint64(50) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { fetchModel(t, rand.New(rand.NewPCG(seed, 2))) })
	}
}

type modelFollower struct {
	conn   *hub.Conn
	groups map[string]bool
	want   []string
	marks  map[int]uint64 // by how much it has heard: the cursor then
	heard  int
}

func fetchModel(t *testing.T, random *rand.Rand) {
	f := newFollowers(t, hub.RecentOptions{})
	all := map[string]*modelFollower{}
	for i := range 4 {
		id := fmt.Sprint("c", i)
		c, _ := f.open(id, "", hub.OpenOptions{})
		all[id] = &modelFollower{conn: c, groups: map[string]bool{}, marks: map[int]uint64{0: f.core.Latest()}}
	}
	for step := range 300 {
		id, group := fmt.Sprint("c", random.IntN(4)), fmt.Sprint("g", random.IntN(3))
		one, text := all[id], fmt.Sprint("event ", step)
		told := func(who func(id string, m *modelFollower) bool) {
			for id, m := range all {
				if who(id, m) {
					m.want = append(m.want, text)
				}
			}
		}
		switch random.IntN(8) {
		case 0:
			_ = f.mux.Join(id, group)
			one.groups[group] = true
		case 1:
			_ = f.mux.Leave(id, group)
			delete(one.groups, group)
		case 2:
			f.say(f.mux.All(), text)
			told(func(string, *modelFollower) bool { return true })
		case 3:
			f.say(f.mux.GroupExcept(group, id), text)
			told(func(other string, m *modelFollower) bool { return m.groups[group] && other != id })
		case 4:
			f.say(f.mux.Groups("g0", "g1", "g2"), text)
			told(func(_ string, m *modelFollower) bool { return len(m.groups) > 0 })
		case 5:
			f.say(f.mux.Client(id), text)
			told(func(other string, _ *modelFollower) bool { return other == id })
		default:
			from := one.heard
			if random.IntN(4) == 0 { // its link was cut, and it comes back with an earlier cursor
				from = random.IntN(one.heard + 1)
				for _, ok := one.marks[from]; !ok; _, ok = one.marks[from] {
					from--
				}
			}
			got, upTo := f.fetch(one.marks[from], 1+random.IntN(200), one.conn)
			if !slices.Equal(got, one.want[from:]) {
				t.Fatalf("step %d: %s hears from %d on %q, want %q", step, id, from, got, one.want[from:])
			}
			one.heard = len(one.want)
			if _, known := one.marks[one.heard]; !known {
				one.marks[one.heard] = upTo
			}
		}
	}
}

// Who only speaks to others has a cursor that is old, and misses nothing that was
// for it while what it said is not kept any more.
func TestFetch_forWhoOnlySpeaks(t *testing.T) {
	f := newFollowers(t, hub.RecentOptions{Messages: 3})
	one, _ := f.open("one", "", hub.OpenOptions{})
	two, _ := f.open("two", "", hub.OpenOptions{})
	from := f.core.Latest()
	for range 5 {
		f.say(f.mux.AllExcept("one"), "one's")
	}
	f.say(f.mux.All(), "for all")
	if said, _ := f.fetch(from, 1, one); !slices.Equal(said, []string{"for all"}) {
		t.Errorf("who spoke hears %q", said)
	}
	if _, _, err := f.core.Fetch(from, 1, two); !errors.Is(err, hub.ErrMissed) {
		t.Errorf("who has missed something hears %v", err)
	}
	for range 3 {
		f.say(f.mux.AllExcept("one"), "one's")
	}
	if _, _, err := f.core.Fetch(from, 1, one); !errors.Is(err, hub.ErrMissed) {
		t.Errorf("who spoke, and has missed something, hears %v", err)
	}
	f.lose(one)
	f.lose(two)
}
