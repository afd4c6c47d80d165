package classic_test

import (
	"fmt"
	"testing"

	"partline.dev/server/classic"
	"partline.dev/server/hub"
	"partline.dev/shared/contract"
)

// What is known of connections that have ended is bounded with all the hubs that
// each of them was on.
func TestHostile_endedConnectionsWithManyHubs(t *testing.T) {
	const hubs, known = 90, (1 << 16) / 90
	var names []string
	var muxes []*hub.Mux
	for i := range hubs {
		h := contract.NewHub(fmt.Sprint("hub", i))
		names = append(names, h.ClassicName())
		muxes = append(muxes, hub.New(contract.NewAPI(h, contract.NewEvent[line](h, "said"))))
	}
	s := serve(t, classic.Options{}, nil, muxes...)
	first := s.negotiated("longPolling", names...)
	first.connect()
	for range known {
		c := *first // with another token
		_, c.token = s.handler.NewToken(hub.Principal{})
		c.connect()
	}
	if err := s.host.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.handler.Past(); got != known {
		t.Errorf("%d of %d ended connections are known, want %d", got, known+1, known)
	}
}
