package e2e_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"partline.dev/internal/testkit"
	"partline.dev/shared/testhub"
	"partline.dev/shared/wire"
	client "partline.dev/wasmclient"
)

// stepsInOrder is how many calls our client makes over each transport. The hub
// fails a call that is lost, doubled or overtaken, and pushes an event inside it.
const stepsInOrder = 100_000

func TestClient_order(t *testing.T) {
	t.Parallel()
	steps := len(testkit.Sample(t, stepsInOrder))
	for _, way := range clientWays() {
		t.Run(way.name, func(t *testing.T) {
			c := way.dial(t, startTestServer(t, newNPMSite(t)))
			takeSteps(t, c, steps)
		})
	}
}

// Our client does its work behind a proxy that keeps a reply back until it has
// 4 KiB of it, and behind one that takes 200 ms for each piece.
func TestClient_behindBadProxies(t *testing.T) {
	t.Parallel()
	for name, serve := range map[string]func(t *testing.T, target string) string{
		"buffers": bufferingProxy, "delays": delayingProxy,
	} {
		for _, way := range clientWays() {
			if way.transport == client.WebSockets && name == "buffers" {
				continue // the proxy has none
			}
			t.Run(name+" "+way.name, func(t *testing.T) {
				t.Parallel()
				c := way.dial(t, serve(t, startTestServer(t, newNPMSite(t))))
				takeSteps(t, c, 20)
			})
		}
	}
}

// A client to which a buffering proxy leaves nothing better finds long polling by
// itself, or server-sent events if the hub gets them through.
func TestClient_choosesBehindAProxyThatBuffers(t *testing.T) {
	t.Parallel()
	c := clientWay{}.dial(t, bufferingProxy(t, startTestServer(t, newNPMSite(t))))
	if now := c.State(); now.Transport == client.WebSockets {
		t.Errorf("%+v", now)
	}
	takeSteps(t, c, 20)
}

// clientWay is one way in which our client reaches a hub.
type clientWay struct {
	name      string
	transport client.Transport
	codec     wire.Codec
}

func clientWays() (ways []clientWay) {
	for _, transport := range []client.Transport{client.WebSockets, client.ServerSentEvents, client.LongPolling} {
		for _, codec := range []wire.Codec{wire.JSON, wire.MessagePack} {
			if transport == client.ServerSentEvents && codec.Binary() {
				continue // it carries text alone
			}
			ways = append(ways, clientWay{transport.String() + " " + codec.Name(), transport, codec})
		}
	}
	return ways
}

func (w clientWay) dial(t *testing.T, base string) *client.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := client.Dial(ctx, base+"/testhub", testhub.Hub, &client.Options{Transports: w.transport, Codec: w.codec})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// takeSteps makes calls whose events are to be heard in order, each before the
// answer of a call behind it.
func takeSteps(t *testing.T, c *client.Client, steps int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	heard := make(chan int, steps+1)
	defer client.On(c, testhub.SteppedEvent, func(s testhub.Step) { heard <- s.N })()
	for n := 1; n <= steps; n++ {
		if n%100 == 0 || n == steps {
			if got := callStep(ctx, t, c, testhub.StepMethod, testhub.Step{N: n}); got != n {
				t.Fatalf("step %d is answered as %d", n, got)
			}
		} else if err := client.Send(ctx, c, testhub.StepMethod, testhub.Step{N: n}); err != nil {
			t.Fatal(err)
		}
	}
	for n := 1; n <= steps; n++ {
		select {
		case got := <-heard:
			if got != n {
				t.Fatalf("step %s is heard in the place of %s", strconv.Itoa(got), strconv.Itoa(n))
			}
		case <-ctx.Done():
			t.Fatalf("%d steps of %d were heard", n-1, steps)
		}
	}
}
