package hubtest_test

import (
	"context"
	"fmt"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/contract"
)

// A room for two: the hub of this example.
var (
	room  = contract.NewHub("room")
	greet = contract.NewMethod[greeting, contract.None](room, "greet")
	heard = contract.NewEvent[greeting](room, "heard")
)

type greeting struct{ Text string }

func newRoom() *hub.Mux {
	m := hub.New(contract.NewAPI(room, greet, heard))
	hub.Handle(m, greet, func(x *hub.Context, g greeting) (contract.None, error) {
		if g.Text == "" {
			return contract.None{}, hub.Errorf("say something, %s", x.Principal().Name)
		}
		return contract.None{}, hub.Publish(x, x.Others(), heard, g)
	})
	return m
}

func Example() {
	t := new(fakeTest) // in a test of yours, the *testing.T
	defer t.finish()

	h := hubtest.New(t, newRoom())
	ann, bob := h.Connect(hub.Principal{ID: "ann", Name: "Ann"}), h.Connect(hub.Principal{ID: "bob", Name: "Bob"})

	_, err := hubtest.Call(context.Background(), ann, greet, greeting{"Hello!"})
	fmt.Println(err, hubtest.Await(t, bob, heard), len(hubtest.Heard(t, ann, heard)))

	_, err = hubtest.Call(context.Background(), bob, greet, greeting{})
	fmt.Println(err)
	// Output:
	// <nil> {Hello!} 0
	// An unexpected error occurred invoking 'greet' on the server. HubException: say something, Bob
}
