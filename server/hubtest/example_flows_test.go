package hubtest_test

import (
	"context"
	"fmt"
	"iter"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/contract"
)

// A lab whose hub streams, takes an upload and asks.
var (
	lab     = contract.NewHub("lab")
	ticks   = contract.NewStream[ticking, int](lab, "ticks")
	average = contract.NewMethod[samples, float64](lab, "average")
	pick    = contract.NewMethod[contract.None, string](lab, "pick")
	colour  = contract.NewQuery[contract.None, string](lab, "colour")
)

type (
	ticking struct{ Count int }
	samples struct{ Samples contract.Upload[float64] }
)

func newLab() *hub.Mux {
	m := hub.New(contract.NewAPI(lab, ticks, average, pick, colour))
	hub.HandleStream(m, ticks, func(x *hub.Context, t ticking) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			for i := range t.Count {
				if !yield(i, nil) {
					return // the client has heard enough
				}
			}
		}
	})
	hub.Handle(m, average, func(x *hub.Context, s samples) (float64, error) {
		sum, n := 0.0, 0
		for v, err := range s.Samples.Values {
			if err != nil {
				return 0, err // the client's source failed, or it is gone
			}
			sum, n = sum+v, n+1
		}
		return sum / float64(n), nil
	})
	hub.Handle(m, pick, func(x *hub.Context, _ contract.None) (string, error) {
		return hub.Invoke(x, x.Caller(), colour, contract.None{})
	})
	return m
}

func ExampleOpen() {
	t := new(fakeTest) // in a test of yours, the *testing.T
	defer t.finish()
	c := hubtest.New(t, newLab()).Connect(hub.Principal{})

	for i, err := range hubtest.Open(context.Background(), c, ticks, ticking{Count: 3}) {
		fmt.Println(i, err)
	}
	// Output:
	// 0 <nil>
	// 1 <nil>
	// 2 <nil>
}

func ExampleValues() {
	t := new(fakeTest) // in a test of yours, the *testing.T
	defer t.finish()
	c := hubtest.New(t, newLab()).Connect(hub.Principal{})

	fmt.Println(hubtest.Call(context.Background(), c, average, samples{hubtest.Values(1.0, 2, 6)}))
	// Output:
	// 3 <nil>
}

func ExampleHandle() {
	t := new(fakeTest) // in a test of yours, the *testing.T
	defer t.finish()
	c := hubtest.New(t, newLab()).Connect(hub.Principal{})

	off := hubtest.Handle(c, colour, func(context.Context, contract.None) (string, error) { return "green", nil })
	defer off()
	fmt.Println(hubtest.Call(context.Background(), c, pick, contract.None{}))
	// Output:
	// green <nil>
}
