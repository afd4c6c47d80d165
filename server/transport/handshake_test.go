package transport_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/transport"
)

func TestHandshake_versionTwo(t *testing.T) {
	// A client that was not offered stateful reconnect may still say 2.
	s := serve(t, nil)
	c := dialRaw(t, s.addr, "/talk")
	c.send(text, `{"protocol":"json","version":2}`+"\x1e")
	if f := c.next(); string(f.payload) != "{}\x1e" {
		t.Errorf("answered %q", f.payload)
	}
}

func TestHandshake_togetherWithTheUpgrade(t *testing.T) {
	// The HTTP server reads it ahead; it must not be lost.
	s := serve(t, nil)
	c := dialTCP(t, s.addr)
	all := []byte(upgrade(s.addr, "/talk"))
	all = appendFrame(all, rawFrame{first: text, masked: true, payload: []byte(handshakeJSON)})
	long := strings.Repeat("z", 3000)
	all = appendFrame(all, rawFrame{first: text, masked: true, payload: []byte(`{"type":1,"target":"Say","arguments":["` + long + `"]}` + "\x1e")})
	c.write(all)
	if status, _ := c.response(); status != http.StatusSwitchingProtocols {
		t.Fatalf("status %d", status)
	}
	if f := c.next(); string(f.payload) != "{}\x1e" {
		t.Errorf("answered %q", f.payload)
	}
	if got := c.nextMessages(); got[0] != heard(long) {
		t.Errorf("heard %.60q", got)
	}
}

func TestHandshake_neverComes(t *testing.T) {
	for name, sent := range map[string]string{
		"nothing":      "",
		"half of it":   handshakeJSON[:10],
		"half a frame": "\x81\xfe",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serveInMemory(t, nil)
				c := upgradeRaw(t, s.dial(), s.addr, "/talk")
				begin := time.Now()
				switch {
				case name == "half a frame":
					c.write([]byte(sent))
				case sent != "":
					c.send(text, sent)
				}
				if f := c.next(); string(f.payload) != `{"error":"Handshake was canceled."}`+"\x1e" {
					t.Errorf("answered %v", f)
				}
				if waited := time.Since(begin); waited < 15*time.Second || waited > 16*time.Second {
					t.Errorf("waited %v, want 15 s", waited)
				}
				if more := c.expectClose(1008, "handshake timeout"); len(more) > 0 {
					t.Errorf("and then %v", more)
				}
			})
		})
	}
}

func TestHandshake_neverComesAndTheClientDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		c := upgradeRaw(t, s.dial(), s.addr, "/talk")
		time.Sleep(16 * time.Second)
		if got := s.host.Stats(); got.Links != 1 || got.Handshaking != 0 {
			t.Errorf("after the timeout: %+v", got)
		}
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if got := s.host.Stats(); got.Links != 0 || got.Closes["lost"] != 1 {
			t.Errorf("after the close timeouts: %+v", got)
		}
		if _, err := c.read(); err == nil {
			t.Error("the socket is open")
		}
	})
}

func TestHandshake_manyOfOneAddress(t *testing.T) {
	s := serve(t, nil)
	waiting := make([]*rawClient, 64)
	for i := range waiting {
		waiting[i] = dialRaw(t, s.addr, "/talk")
	}
	res, body := s.do("GET", "/talk", upgradeHeaders...)
	if res.StatusCode != http.StatusTooManyRequests || !strings.Contains(body, "handshake") || res.Header.Get("Retry-After") == "" {
		t.Errorf("the 65th: status %d, %q, %v", res.StatusCode, body, res.Header)
	}
	// Whoever is past the handshake, or gone, does not count.
	waiting[0].handshake()
	dialRaw(t, s.addr, "/talk").handshake()
	waiting[1].send(closeF, closePayload(1000, ""))
	waiting[1].expectClose(1000, "")
	dialRaw(t, s.addr, "/talk").handshake()
	for _, c := range waiting[2:] {
		c.handshake()
	}
	if got := s.host.Stats().Handshaking; got != 0 {
		t.Errorf("%d are counted as handshaking", got)
	}
}

func TestHandshake_limitIsPerAddress(t *testing.T) {
	n := 0
	s := serve(t, &transport.Options{HandshakesPerAddress: 1, ClientAddress: func(*http.Request) string {
		n++
		return fmt.Sprint(n)
	}})
	for range 10 {
		dialRaw(t, s.addr, "/talk")
	}
}

func TestUpgrade_refusedByTheLibrary(t *testing.T) {
	s := serve(t, &transport.Options{HandshakesPerAddress: 1})
	for range 3 { // a refused one holds no place
		res, _ := s.do("GET", "/talk", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 12", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
		if res.StatusCode != http.StatusBadRequest || res.Header.Get("Sec-WebSocket-Version") != "13" {
			t.Errorf("version 12: status %d, %v", res.StatusCode, res.Header)
		}
	}
	if got := s.host.Stats(); got.Links != 0 || got.Handshaking != 0 {
		t.Errorf("%+v", got)
	}
}
