package client_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/shared/connected"
	"partline.dev/shared/wire"
	client "partline.dev/wasmclient"
)

func TestKeepAlive_pingsWhenNothingIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, conn := connect(t, &client.Options{ServerTimeout: time.Hour})
		begun := time.Now()
		for i := 1; i <= 5; i++ {
			if m := conn.next(); m.Kind != wire.Ping {
				t.Fatalf("%+v", m)
			}
			if at := time.Since(begun); at != time.Duration(i)*15*time.Second {
				t.Errorf("ping %d at %v", i, at)
			}
		}
	})
}

func TestKeepAlive_waitsAfterWhatIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn := connect(t, &client.Options{ServerTimeout: time.Hour})
		pass(10 * time.Second)
		if err := client.Send(t.Context(), c, connected.SendMethod, connected.Send{}); err != nil {
			t.Fatal(err)
		}
		sent := time.Now()
		if m := conn.next(); m.Kind != wire.Invocation {
			t.Fatalf("%+v", m)
		}
		conn.next()
		if at := time.Since(sent); at != 15*time.Second {
			t.Errorf("the ping comes after %v", at)
		}
	})
}

// TestKeepAlive_needsNoTimer looks at what a hidden tab, with its few timers,
// sends because of what arrives.
func TestKeepAlive_needsNoTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, conn := connect(t, &client.Options{KeepAlive: time.Hour, ServerTimeout: 2 * time.Hour})
		var pings []time.Duration
		begun := time.Now()
		for range 12 {
			pass(10 * time.Minute)
			conn.send(`{"type":6}` + "\x1e")
			synctest.Wait()
			select {
			case <-conn.toHub:
				pings = append(pings, time.Since(begun))
			default:
			}
		}
		if len(pings) != 4 || pings[0] != 30*time.Minute || pings[3] != 2*time.Hour {
			t.Errorf("pings at %v", pings)
		}
	})
}

func TestServerTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn := connect(t, nil)
		s := watch(t, c)
		for range 10 { // pings are signs of life
			pass(29 * time.Second)
			conn.send(`{"type":6}` + "\x1e")
		}
		begun := time.Now()
		now := s.await(t, client.Reconnecting)
		if !errors.Is(now.Err, client.ErrSilent) || time.Since(begun) != 30*time.Second || !conn.isClosed() {
			t.Errorf("after %v: %+v; closed: %v", time.Since(begun), now, conn.isClosed())
		}
	})
}

func TestServerTimeout_shorterThanKeepAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := connect(t, &client.Options{ServerTimeout: time.Second})
		begun := time.Now()
		if now := watch(t, c).await(t, client.Reconnecting); !errors.Is(now.Err, client.ErrSilent) || time.Since(begun) != time.Second {
			t.Errorf("after %v: %+v", time.Since(begun), now)
		}
	})
}
