package main

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"partline.dev/examples/list"
	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
)

// A hub is tested in memory, with as many clients as it takes.

func TestPut_reachesEverybody(t *testing.T) {
	h := hubtest.New(t, newHub())
	ann, bob := h.Connect(hub.Principal{}), h.Connect(hub.Principal{})
	put(t, ann, list.Item{Name: "milk"})
	put(t, bob, list.Item{Name: "eggs"})
	put(t, ann, list.Item{Name: "milk", Done: true})

	want := []list.Item{{Name: "milk", Done: true}, {Name: "eggs"}}
	for name, c := range map[string]*hubtest.Client{"ann": ann, "bob": bob} {
		heard := hubtest.Heard(t, c, list.Changed)
		if len(heard) != 4 || !slices.Equal(heard[3].All, want) {
			t.Errorf("%s heard %v, want the empty list and three changes, up to %v", name, heard, want)
		}
	}
}

func TestConnect_saysWhatIsOnTheList(t *testing.T) {
	h := hubtest.New(t, newHub())
	put(t, h.Connect(hub.Principal{}), list.Item{Name: "milk"})
	late := h.Connect(hub.Principal{})
	if got := hubtest.Await(t, late, list.Changed); !slices.Equal(got.All, []list.Item{{Name: "milk"}}) {
		t.Errorf("who comes late sees %v", got.All)
	}
}

func TestPut_aListHasAnEnd(t *testing.T) {
	c := hubtest.New(t, newHub()).Connect(hub.Principal{})
	for i := range 100 {
		put(t, c, list.Item{Name: fmt.Sprint("item ", i)})
	}
	_, err := hubtest.Call(t.Context(), c, list.Put, list.Item{Name: "one more"})
	if refused := (*hub.Error)(nil); !errors.As(err, &refused) || refused.Message != "the list is full" {
		t.Errorf("the 101st item: %v", err)
	}
	put(t, c, list.Item{Name: "item 7", Done: true}) // what is there can still be ticked
}

func put(t *testing.T, c *hubtest.Client, item list.Item) {
	t.Helper()
	if _, err := hubtest.Call(t.Context(), c, list.Put, item); err != nil {
		t.Fatal(err)
	}
}
