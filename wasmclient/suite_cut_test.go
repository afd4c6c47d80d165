package client_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"partline.dev/shared/connected"
	client "partline.dev/wasmclient"
)

// TestSuite_reconnectsWhenTheLinkIsCut looks whether the client is there again. A
// browser may ask a second time for a poll that was cut, and tell nobody.
func TestSuite_reconnectsWhenTheLinkIsCut(t *testing.T) {
	overEach(t, func(t *testing.T, url string, o *client.Options) {
		if os.Getenv("PARTLINE_HUB") != "" && os.Getenv("PARTLINE_HUB_CUTS") == "" {
			t.Skip("PARTLINE_HUB_CUTS is not set: nobody cuts the links to this hub")
		}
		o.RetryBase = 50 * time.Millisecond
		l := dial(t, url, o)
		for range 3 {
			lost := make(chan struct{}, 1)
			stop := l.Watch(func(now client.State) {
				if now.Phase == client.Reconnecting {
					select {
					case lost <- struct{}{}:
					default:
					}
				}
			})
			// Whether the answer comes before the cut is the network's affair.
			ctx, cancel := context.WithTimeout(suiteContext(t), suiteGuard/10)
			_, err := client.Call(ctx, l.Client, connected.SendMethod, connected.Send{Name: t.Name(), Message: cutWord})
			cancel()
			if err != nil && !errors.Is(err, client.ErrNotConfirmed) && (o.Transports != client.LongPolling || !errors.Is(err, context.DeadlineExceeded)) {
				t.Error(err)
			}
			if o.Transports != client.LongPolling {
				select {
				case <-lost:
				case <-time.After(suiteGuard):
					t.Fatal("the link was not lost")
				}
			}
			stop()
			for l.trySay(t.Name()+" again", "here I am") != nil {
				pass(10 * time.Millisecond) // or nothing else runs where there is one thread
				l.await(client.Connected)
			}
			l.hear(t.Name() + " again")
		}
	})
}
