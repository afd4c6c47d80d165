package client_test

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"partline.dev/shared/connected"
	"partline.dev/shared/wire"
	client "partline.dev/wasmclient"
)

// TestOpen_leftWhileTheHubWaits for room in the stream: reading goes on.
func TestOpen_leftWhileTheHubWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn := connect(t, &client.Options{QueueLimit: 5_000})
		leave, left := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(left)
			for range client.Open(t.Context(), c, ticks, since{From: 7}) {
				<-leave
				break
			}
		}()
		id := conn.opening()
		for i := range 7 { // more than there is room for, and the last is being waited with
			conn.sendItem(id, i, strings.Repeat("x", 900))
		}
		answered := make(chan error, 1)
		go func() {
			_, err := client.Call(t.Context(), c, connected.SendMethod, connected.Send{})
			answered <- err
		}()
		call := conn.nextOf(wire.Invocation)
		close(leave)
		<-left
		conn.complete(string(call.InvocationID), `,"result":null`)
		if err := <-answered; err != nil {
			t.Error(err)
		}
	})
}

// TestOpen_connectionLostWhileTheHubWaits ends the reader of a stream that is
// full with what it has.
func TestOpen_connectionLostWhileTheHubWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn := connect(t, &client.Options{QueueLimit: 5_000})
		read, ended := 0, make(chan error, 1)
		goOn := make(chan struct{})
		go func() {
			for _, err := range client.Open(t.Context(), c, ticks, since{From: 7}) {
				if err != nil {
					ended <- err
					return
				}
				<-goOn
				read++
			}
			ended <- nil
		}()
		id := conn.opening()
		for i := range 7 {
			if !conn.trySend(itemText(id, i, strings.Repeat("x", 900))) {
				break
			}
		}
		conn.end(io.ErrUnexpectedEOF)
		// The next write finds that the link is gone.
		_ = client.Send(t.Context(), c, connected.SendMethod, connected.Send{})
		synctest.Wait()
		close(goOn)
		if err := <-ended; err == nil || read < 5 {
			t.Errorf("after %d items: %v", read, err)
		}
	})
}
