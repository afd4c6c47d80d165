package hub_test

import (
	"partline.dev/server/hub"
	"partline.dev/shared/contract"
)

// The contract of the tests of this package.
var (
	talkHub = contract.NewHub("talk")

	sayMethod   = contract.NewMethod[say, contract.None](talkHub, "Say")
	addMethod   = contract.NewMethod[add, sum](talkHub, "Add")
	add3Method  = contract.NewMethod[add3, sum](talkHub, "Add", contract.Overload())
	runMethod   = contract.NewMethod[contract.None, contract.None](talkHub, "Run")
	heardEvent  = contract.NewEvent[say](talkHub, "heard")
	talkAPI     = contract.NewAPI(talkHub, sayMethod, addMethod, add3Method, runMethod, heardEvent)
	foreignHub  = contract.NewHub("foreign")
	foreignSaid = contract.NewEvent[say](foreignHub, "said")
	foreignAPI  = contract.NewAPI(foreignHub, foreignSaid)
)

type (
	say  struct{ Text string }
	add  struct{ A, B int }
	add3 struct{ A, B, C int }
	sum  struct{ Total int }
)

// talk is the hub under test: Say tells everybody, Run does what a test wants.
func talk(run func(x *hub.Context) error) *hub.Mux {
	m := hub.New(talkAPI)
	hub.Handle(m, sayMethod, func(x *hub.Context, s say) (contract.None, error) {
		return contract.None{}, hub.Publish(x, x.All(), heardEvent, s)
	})
	hub.Handle(m, addMethod, func(_ *hub.Context, a add) (sum, error) { return sum{a.A + a.B}, nil })
	hub.Handle(m, add3Method, func(_ *hub.Context, a add3) (sum, error) { return sum{a.A + a.B + a.C}, nil })
	hub.Handle(m, runMethod, func(x *hub.Context, _ contract.None) (contract.None, error) {
		if run == nil {
			return contract.None{}, nil
		}
		return contract.None{}, run(x)
	})
	return m
}
