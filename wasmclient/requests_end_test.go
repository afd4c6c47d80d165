package client_test

import (
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/shared/wire"
	client "partline.dev/wasmclient"
)

// TestServerSentEvents_areDropped by the client when there is nothing more to
// hear or to say: a hub waits for that.
func TestServerSentEvents_areDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, c, s := over(t, client.ServerSentEvents, nil)
		run(t, c)
		conn := hub.accept()
		s.await(t, client.Connected)
		begun := time.Now()
		conn.send(`{"type":7,"allowReconnect":true}` + "\x1e")
		if err := s.failure(t); !says(err, "the hub closed the connection") || !conn.isClosed() || time.Since(begun) != 0 {
			t.Errorf("after %v: %v; dropped: %v", time.Since(begun), err, conn.isClosed())
		}
		conn = hub.accept()
		s.await(t, client.Connected)
		begun = time.Now()
		c.Close()
		if took := time.Since(begun); took != 0 || !conn.isClosed() {
			t.Errorf("Close took %v; dropped: %v", took, conn.isClosed())
		}
		conn.nextOf(wire.Close)
	})
}
