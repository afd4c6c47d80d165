package client_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/shared/connected"
	"partline.dev/shared/wire"
	client "partline.dev/wasmclient"
)

func TestHubClose_withoutAllowReconnectIsForGood(t *testing.T) {
	for _, c := range []struct{ message, says string }{
		{`{"type":7}`, ""},
		{`{"type":7,"error":""}`, ""},
		{`{"type":7,"error":"Connection closed with an error.","allowReconnect":false}`, "Connection closed with an error."},
		{`{"type":7,"error":"Connection closed with an error. HubException: members only"}`, "members only"},
	} {
		t.Run(c.message, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hub := newFakeHub(t)
				cl := hub.newClient(nil)
				var heard []string
				client.On(cl, connected.BroadcastMessage, func(b connected.Broadcast) { heard = append(heard, b.Message) })
				ended := run(t, cl)
				conn := hub.accept()
				conn.send(eventText("hub", "last words") + c.message + "\x1e")
				conn.end(io.EOF)
				err := <-ended
				if !errors.Is(err, client.ErrHubClosed) {
					t.Errorf("Run ends with %v", err)
				}
				var said *client.Error
				if errors.As(err, &said) != (c.says != "") || said != nil && said.Message != c.says {
					t.Errorf("the hub said %+v, want %q", said, c.says)
				}
				if now := cl.State(); now.Phase != client.Disconnected || now.Err != err {
					t.Errorf("%+v", now)
				}
				if len(heard) != 1 {
					t.Errorf("heard %q: what the hub sent first is still heard", heard)
				}
				if hub.asked != 1 {
					t.Error("the client came back")
				}
			})
		})
	}
}

// TestHubClose_whileAHandlerRuns sends the client away while it is behind.
func TestHubClose_whileAHandlerRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		c := hub.newClient(nil)
		release, heard := make(chan struct{}), 0
		client.On(c, connected.BroadcastMessage, func(connected.Broadcast) {
			<-release
			heard++
		})
		ended := run(t, c)
		conn := hub.accept()
		conn.send(strings.Repeat(eventText("a", "b"), 10) + `{"type":7}` + "\x1e")
		conn.end(io.EOF)
		synctest.Wait()
		if now := c.State(); now.Phase != client.Disconnected {
			t.Errorf("%+v", now)
		}
		close(release)
		if err := <-ended; !errors.Is(err, client.ErrHubClosed) || heard != 10 {
			t.Errorf("Run ends with %v after %d events", err, heard)
		}
	})
}

func TestHubClose_withAllowReconnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		c := hub.newClient(nil)
		s := watch(t, c)
		run(t, c)
		conn := hub.accept()
		s.await(t, client.Connected)
		conn.send(`{"type":7,"error":"Connection closed with an error.","allowReconnect":true}` + "\x1e")
		synctest.Wait()
		begun := time.Now()
		if _, err := client.Call(t.Context(), c, connected.SendMethod, connected.Send{}); !errors.Is(err, client.ErrNotConnected) {
			t.Errorf("a call on a connection that was closed: %v", err)
		}
		if err := client.Send(t.Context(), c, connected.SendMethod, connected.Send{}); !errors.Is(err, client.ErrNotConnected) {
			t.Errorf("a send on a connection that was closed: %v", err)
		}
		// This hub does not end the link, so after a while the client does.
		now := s.await(t, client.Reconnecting)
		if !errors.Is(now.Err, client.ErrHubClosed) || !conn.isClosed() || time.Since(begun) != time.Second {
			t.Errorf("after %v: %+v, closed: %v", time.Since(begun), now, conn.isClosed())
		}
		hub.accept()
		s.await(t, client.Connected)
	})
}

func TestClose_tellsTheHubAfterWhatIsQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		c := hub.newClient(nil)
		ended := run(t, c)
		conn := hub.accept()
		for range 3 {
			if err := client.Send(t.Context(), c, connected.SendMethod, connected.Send{Name: "a"}); err != nil {
				t.Fatal(err)
			}
		}
		done := make(chan struct{})
		go func() {
			c.Close()
			close(done)
		}()
		for range 3 {
			conn.nextOf(wire.Invocation)
		}
		if m := conn.nextOf(wire.Close); m.HasError {
			t.Errorf("%+v", m)
		}
		begun := time.Now()
		conn.end(io.EOF) // as hubs do
		<-done
		if err := <-ended; err != nil || time.Since(begun) != 0 {
			t.Errorf("Run ends after %v with %v", time.Since(begun), err)
		}
	})
}

func TestClose_ofAHubThatDoesNotReact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		c := hub.newClient(nil)
		run(t, c)
		conn := hub.accept()
		begun := time.Now()
		result := make(chan error, 1)
		go func() {
			_, err := client.Call(context.Background(), c, connected.SendMethod, connected.Send{})
			if took := time.Since(begun); took != 0 {
				t.Errorf("the call in flight ended after %v", took)
			}
			result <- err
		}()
		conn.nextOf(wire.Invocation)
		c.Close()
		if err := <-result; !errors.Is(err, client.ErrNotConfirmed) {
			t.Error(err)
		}
		if took := time.Since(begun); took != 5*time.Second || !conn.isClosed() {
			t.Errorf("Close took %v; closed: %v", took, conn.isClosed())
		}
	})
}

func TestClose_whileConnecting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		hub.handshake = ""
		c := hub.newClient(nil)
		ended := run(t, c)
		conn := <-hub.conns
		synctest.Wait()
		begun := time.Now()
		c.Close()
		if err := <-ended; err != nil || time.Since(begun) != 0 || !conn.isClosed() {
			t.Errorf("Run ends after %v with %v; closed: %v", time.Since(begun), err, conn.isClosed())
		}
	})
}

func TestClose_whileWaitingToTryAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		hub.negotiate = func(int) (*client.Response, error) { return nil, errors.New("down") }
		c := hub.newClient(nil)
		ended := run(t, c)
		synctest.Wait()
		c.Close()
		if err := <-ended; err != nil {
			t.Errorf("Run ends with %v", err)
		}
		if now := c.State(); now != (client.State{Phase: client.Disconnected}) {
			t.Errorf("%+v", now)
		}
	})
}

func TestClose_waitsForTheHandlerThatRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		c := hub.newClient(nil)
		release, calls := make(chan struct{}), 0
		client.On(c, connected.BroadcastMessage, func(connected.Broadcast) {
			calls++
			<-release
		})
		run(t, c)
		conn := hub.accept()
		conn.send(eventText("a", "1") + eventText("a", "2"))
		synctest.Wait()
		done := make(chan struct{})
		go func() {
			c.Close()
			close(done)
		}()
		conn.nextOf(wire.Close)
		conn.end(io.EOF)
		synctest.Wait()
		select {
		case <-done:
			t.Error("Close returned before the handler")
		default:
		}
		close(release)
		<-done
		if calls != 1 {
			t.Errorf("%d handlers ran: after Close none begins", calls)
		}
	})
}

func TestDial_canceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		c, err := client.Dial(ctx, hubURL, connected.Hub, &client.Options{
			Token: func(ctx context.Context) (string, error) { <-ctx.Done(); return "", ctx.Err() },
		})
		if c != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("%v, %v", c, err)
		}
	})
}

// isClosed tells whether the client has closed the link.
func (c *fakeConn) isClosed() bool {
	select {
	case <-c.closed:
		return true
	default:
		return false
	}
}
