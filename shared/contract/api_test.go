package contract_test

import (
	"testing"

	"partline.dev/shared/contract"
)

type (
	one   struct{ A int }
	two   struct{ A, B int }
	upTo2 struct {
		A int
		B int `arg:"optional"`
	}
)

func TestNewAPI(t *testing.T) {
	m := contract.NewMethod[line, int](hub, "say")
	e := contract.NewEvent[two](hub, "said")
	a := contract.NewAPI(hub, m, e)
	if a.Hub() != hub {
		t.Error("another hub")
	}
	members := a.Members()
	if len(members) != 2 || members[0] != m.Descriptor() || members[1] != e.Descriptor() {
		t.Errorf("members %v", members)
	}
	members[0] = nil
	if a.Members()[0] == nil {
		t.Error("a caller changed the API")
	}
}

func TestNewAPI_sameNameIsFineWhere(t *testing.T) {
	overload := contract.Overload()
	contract.NewAPI(hub, // one is a call, the other a push
		contract.NewMethod[one, int](hub, "say"),
		contract.NewEvent[one](hub, "say"))
	contract.NewAPI(hub, // the argument count differs
		contract.NewMethod[contract.None, int](hub, "add", overload),
		contract.NewMethod[one, int](hub, "Add", overload),
		contract.NewMethod[two, int](hub, "ADD", overload))
}

// TestNewAPI_panics has every mistake that an API can hold.
func TestNewAPI_panics(t *testing.T) {
	other := contract.NewHub("other")
	overload := contract.Overload()
	for _, c := range []struct {
		name, says string
		members    []contract.Member
	}{
		{"a zero member", "is the zero value", []contract.Member{contract.Method[one, int]{}}},
		{"a member of another hub", "event e belongs to hub other, not chat",
			[]contract.Member{contract.NewEvent[one](other, "e")}},
		{"two methods of one name", "method say and method Say have one name",
			[]contract.Member{contract.NewMethod[one, int](hub, "say"), contract.NewMethod[two, int](hub, "Say")}},
		{"a method and a stream of one name", "have one name",
			[]contract.Member{contract.NewMethod[one, int](hub, "say"), contract.NewStream[two, int](hub, "say")}},
		{"two events of one name", "have one name",
			[]contract.Member{contract.NewEvent[one](hub, "e"), contract.NewEvent[two](hub, "E")}},
		{"an event and a query of one name", "have one name",
			[]contract.Member{contract.NewEvent[one](hub, "e"), contract.NewQuery[two, int](hub, "e")}},
		{"an overload and a stream", "say is a method and a stream",
			[]contract.Member{contract.NewMethod[one, int](hub, "say", overload), contract.NewStream[two, int](hub, "say")}},
		{"overloads of one count", "can both take 1 arguments",
			[]contract.Member{contract.NewMethod[one, int](hub, "a", overload), contract.NewMethod[one, bool](hub, "A", overload)}},
		{"overloads whose counts overlap", "can both take 2 arguments",
			[]contract.Member{contract.NewMethod[upTo2, int](hub, "a", overload), contract.NewMethod[two, int](hub, "a", overload)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			mustPanic(t, c.says, func() { contract.NewAPI(hub, c.members...) })
		})
	}
}
