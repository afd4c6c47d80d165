package transport_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"partline.dev/internal/testkit"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
	"partline.dev/shared/contract"
)

var (
	orderHub    = contract.NewHub("order")
	countMethod = contract.NewMethod[count, int](orderHub, "Count")
	pushEvent   = contract.NewEvent[count](orderHub, "push")
	orderAPI    = contract.NewAPI(orderHub, countMethod, pushEvent)
)

type count struct{ N int }

// orderMessages is how many messages come to a client over each transport: half
// of them pushed by methods, half the methods' answers.
const orderMessages = 100_000

func TestOrder_pushesComeBeforeTheirCompletions(t *testing.T) {
	calls := len(testkit.Sample(t, orderMessages)) / 2
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		s := serve(t, &transport.Options{NegotiateRate: 1 << 20})
		m := hub.New(orderAPI)
		hub.Handle(m, countMethod, func(x *hub.Context, c count) (int, error) {
			return c.N, hub.Publish(x, x.Caller(), pushEvent, c)
		})
		if err := s.core.Mount(m); err != nil {
			t.Fatal(err)
		}
		h := s.host.Handler(s.core, m.Name(), nil)
		s.mux.Handle("/order", h)
		s.mux.Handle("/order/negotiate", h)
		c := greet(t, open(s, "/order"))

		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		window := make(chan struct{}, 1000) // calls that are not answered
		go func() {
			for n := 0; n < calls; {
				var batch strings.Builder
				for range min(50, calls-n) {
					select {
					case window <- struct{}{}:
					case <-ctx.Done():
						return
					}
					fmt.Fprintf(&batch, `{"type":1,"target":"Count","invocationId":"%d","arguments":[%d]}`+"\x1e", n, n)
					n++
				}
				c.say(batch.String())
			}
		}()
		for next := 0; next < 2*calls; {
			for _, m := range heardOf(t, c) {
				if m == `{"type":6}` {
					continue
				}
				want := fmt.Sprintf(`{"type":1,"target":"push","arguments":[%d]}`, next/2)
				if next%2 == 1 {
					want = fmt.Sprintf(`{"type":3,"invocationId":"%d","result":%d}`, next/2, next/2)
					<-window
				}
				if m != want {
					t.Fatalf("message %d is %s, want %s", next, m, want)
				}
				next++
			}
		}
		c.leave()
	})
}
