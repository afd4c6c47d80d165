package transport_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"partline.dev/server/hub"
)

// A client that comes back at the moment at which the core ends its connection
// must not have the connection's place taken back twice: Shutdown would wait for
// ever for a count below zero.
func TestResume_whileTheCoreEndsTheConnection(t *testing.T) {
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			s := serveInMemory(t, nil)
			c, path := s.stateful()
			_ = c.conn.Close()
			synctest.Wait() // it is parted
			s.publish(strings.Repeat("x", 99_900))
			conn, err := s.open()
			if err != nil {
				t.Fatal(err)
			}
			back := dialOver(t, conn)
			go s.publish("too much")
			back.write([]byte("GET " + path + " HTTP/1.1\r\nHost: " + s.addr + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
				"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"))
			back.response() // whichever it is
			_ = back.conn.Close()
			synctest.Wait()
			if links := s.host.Stats().Links; links != 0 {
				t.Fatalf("%d connections are counted", links)
			}
		})
	}
}

// What was held for the client's first word is heard before the hub's last one.
func TestResume_heldWhenTheHubEndsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		c := s.link(s.negotiateStateful(goJS))
		c.send(text, handshakeV2)
		if f := c.next(); string(f.payload) != "{}"+rs {
			t.Fatalf("handshake reply %q", f.payload)
		}
		s.publish("held")
		s.core.Close()
		frames := c.expectClose(hub.CodeGoingAway, "the server is shutting down")
		var got string
		for _, f := range frames {
			if f.first&0x0F == 1 {
				got += string(f.payload)
			}
		}
		if want := heard("held") + rs + `{"type":7,"allowReconnect":true}` + rs; got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
	})
}
