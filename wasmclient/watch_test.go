package client_test

import (
	"io"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"partline.dev/shared/connected"
	"partline.dev/shared/wire"
	client "partline.dev/wasmclient"
)

// TestWatch_inOrderAndNeverTwiceAtOnce has watchers that come while states
// change.
func TestWatch_inOrderAndNeverTwiceAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		c := hub.newClient(nil)
		var inside [20]atomic.Int32
		var heard [20][]client.State
		for i := range inside {
			go c.Watch(func(now client.State) {
				if inside[i].Add(1) != 1 {
					t.Error("a watcher is called twice at once")
				}
				heard[i] = append(heard[i], now)
				inside[i].Add(-1)
			})
		}
		run(t, c)
		for range 10 {
			hub.accept().end(io.EOF)
			synctest.Wait()
		}
		c.Close()
		synctest.Wait()
		for i := range heard {
			if len(heard[i]) < 20 {
				t.Fatalf("watcher %d heard %d states", i, len(heard[i]))
			}
			for j, now := range heard[i] {
				if j > 0 && now.Phase == client.Connected && heard[i][j-1].Attempt != 1 {
					t.Errorf("watcher %d: %+v follows %+v", i, now, heard[i][j-1])
				}
			}
			if last := heard[i][len(heard[i])-1]; last != (client.State{Phase: client.Disconnected}) {
				t.Errorf("watcher %d heard %+v last", i, last)
			}
		}
	})
}

// TestWatch_thatTakesItsTime hears the changes of the meantime afterwards.
func TestWatch_thatTakesItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		c := hub.newClient(nil)
		release := make(chan struct{})
		var inside atomic.Int32
		var heard []client.Phase
		go c.Watch(func(now client.State) {
			if inside.Add(1) != 1 {
				t.Error("the watcher is called twice at once")
			}
			<-release
			heard = append(heard, now.Phase)
			inside.Add(-1)
		})
		synctest.Wait()
		run(t, c)
		hub.accept()
		synctest.Wait()
		if now := c.State(); now.Phase != client.Connected {
			t.Errorf("%+v", now)
		}
		close(release)
		synctest.Wait()
		if !slices.Equal(heard, []client.Phase{client.Connecting, client.Connecting, client.Connected}) {
			t.Errorf("heard %v", heard)
		}
	})
}

// TestWatch_mayCall sets up anew what a hub forgets with a connection.
func TestWatch_mayCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		c := hub.newClient(nil)
		result := make(chan error, 10)
		c.Watch(func(now client.State) {
			if now.Phase == client.Connected {
				_, err := client.Call(t.Context(), c, connected.SendMethod, connected.Send{Name: "join"})
				result <- err
			}
		})
		run(t, c)
		for range 2 {
			conn := hub.accept()
			conn.answerCall()
			if err := <-result; err != nil {
				t.Error(err)
			}
			conn.end(io.EOF)
		}
		// A watcher that waits for an answer that never comes is let go.
		hub.accept().nextOf(wire.Invocation)
		if err := <-result; err == nil {
			t.Error("a call without an answer succeeded")
		}
	})
}

func TestWatch_stop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		c := hub.newClient(nil)
		heard := 0
		var stop func()
		stop = c.Watch(func(client.State) {
			heard++
			if stop != nil {
				stop() // in a call
			}
		})
		if heard != 1 {
			t.Errorf("heard %d states at once", heard)
		}
		run(t, c)
		hub.accept()
		synctest.Wait()
		if heard != 2 {
			t.Errorf("heard %d states", heard)
		}
		stop()
	})
}

func TestPhase_String(t *testing.T) {
	for p, want := range map[client.Phase]string{
		client.Connecting: "connecting", client.Connected: "connected",
		client.Reconnecting: "reconnecting", client.Disconnected: "disconnected", 99: "unknown",
	} {
		if p.String() != want {
			t.Errorf("%d is %q", p, p)
		}
	}
}
