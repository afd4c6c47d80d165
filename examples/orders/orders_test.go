package orders_test

import (
	"testing"

	"go.uber.org/goleak"

	"partline.dev/examples/orders"
	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/contract/contracttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAPI_isWhatWasAgreed(t *testing.T) {
	contracttest.Golden(t, orders.API, "testdata/api.golden")
}

func TestImport_isHeardByWhoWatches(t *testing.T) {
	h := hubtest.New(t, orders.New())
	ann, bob := h.Connect(hub.Principal{}), h.Connect(hub.Principal{})
	if _, err := hubtest.Call(t.Context(), ann, orders.Watch, orders.Store{Name: "north"}); err != nil {
		t.Fatal(err)
	}
	if n, err := hubtest.Call(t.Context(), bob, orders.Import, orders.List{Store: "north", Lines: []string{"a lamp", "a chair"}}); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	if _, err := hubtest.Call(t.Context(), bob, orders.PlaceMany, orders.Many{Store: "north", What: "a nail", Count: 100}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []orders.Placed{{What: "a lamp", Count: 1}, {What: "a chair", Count: 1}, {What: "a nail", Count: 100}} {
		if got := hubtest.Await(t, ann, orders.WasPlaced); got != want {
			t.Errorf("who watches hears %+v, not %+v", got, want)
		}
	}
	if got := hubtest.Heard(t, bob, orders.WasPlaced); len(got) > 0 {
		t.Errorf("who does not watch hears %v", got)
	}
}
