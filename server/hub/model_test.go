package hub_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
)

// model is what the rooms should be, in the plainest form.
type model struct {
	user   map[string]string          // connection -> user
	groups map[string]map[string]bool // group -> connections
}

func (m *model) hears(target, name string, but string) []string {
	var who []string
	for id, user := range m.user {
		in := map[string]bool{"all": true, "user": user == name, "group": m.groups[name][id]}[target]
		if in && id != but {
			who = append(who, id)
		}
	}
	slices.Sort(who)
	return who
}

// TestRooms_againstAModel does random things to a hub and to the model and asks
// both who hears what.
func TestRooms_againstAModel(t *testing.T) {
	for seed := range uint64(100) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { runModel(t, rand.New(rand.NewPCG(seed, 1))) })
	}
}

func runModel(t *testing.T, random *rand.Rand) {
	m := talk(nil)
	h := hubtest.New(t, m)
	want := model{user: map[string]string{}, groups: map[string]map[string]bool{}}
	clients := map[string]*hubtest.Client{}
	pick := func() string {
		ids := make([]string, 0, len(clients))
		for id := range clients {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		if len(ids) == 0 {
			return ""
		}
		return ids[random.IntN(len(ids))]
	}
	for step := range 200 {
		id, group := pick(), fmt.Sprint("g", random.IntN(4))
		user := []string{"", "ann", "bob"}[random.IntN(3)]
		switch op := random.IntN(8); {
		case op <= 1 || id == "":
			c := h.Connect(hub.Principal{ID: user})
			clients[c.ID()], want.user[c.ID()] = c, user
		case op == 2:
			clients[id].Close()
			delete(clients, id)
			delete(want.user, id)
			for _, members := range want.groups {
				delete(members, id)
			}
		case op == 3:
			if err := m.Join(id, group); err != nil {
				t.Fatal(err)
			}
			if want.groups[group] == nil {
				want.groups[group] = map[string]bool{}
			}
			want.groups[group][id] = true
		case op == 4:
			if err := m.Leave(id, group); err != nil {
				t.Fatal(err)
			}
			delete(want.groups[group], id)
		default:
			check := map[string]hub.Target{
				"all": m.AllExcept(id), "user": m.User("ann"), "group": m.GroupExcept(group, id),
			}
			name := map[string]string{"user": "ann", "group": group}
			for kind, target := range check {
				but := id
				if kind == "user" {
					but = ""
				}
				if err := hub.Publish(t.Context(), target, heardEvent, say{kind}); err != nil {
					t.Fatal(err)
				}
				var got []string
				for id, c := range clients {
					for range hubtest.Heard(t, c, heardEvent) {
						got = append(got, id)
					}
				}
				slices.Sort(got)
				if w := want.hears(kind, name[kind], but); !slices.Equal(got, w) {
					t.Fatalf("step %d, %s %s: heard by %s, want %s", step, kind, name[kind], strings.Join(got, " "), strings.Join(w, " "))
				}
			}
		}
	}
}

// TestRooms_underManyHands has goroutines join, leave, come and go at once; at
// the end no room is left and nobody missed what came while they stood still.
func TestRooms_underManyHands(t *testing.T) {
	m := talk(nil)
	h := hubtest.New(t, m)
	steady := h.Connect(hub.Principal{})
	if err := m.Join(steady.ID(), "busy"); err != nil {
		t.Fatal(err)
	}
	const hands, rounds = 8, 200
	var work sync.WaitGroup
	for i := range hands {
		work.Go(func() {
			for range rounds {
				c := h.Connect(hub.Principal{ID: fmt.Sprint("u", i%2)})
				for _, group := range []string{"busy", fmt.Sprint("own", i)} {
					if err := m.Join(c.ID(), group); err != nil {
						t.Error(err)
					}
				}
				if err := hub.Publish(t.Context(), m.Group("busy"), heardEvent, say{"x"}); err != nil {
					t.Error(err)
				}
				c.Close()
			}
		})
	}
	work.Wait()
	if got := len(hubtest.Heard(t, steady, heardEvent)); got != hands*rounds {
		t.Errorf("the steady member heard %d of %d", got, hands*rounds)
	}
	steady.Close()
	if n := h.Core().Stats().Rooms; n != 0 {
		t.Errorf("%d rooms are left", n)
	}
}
