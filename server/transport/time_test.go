package transport_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestKeepAlive_throughTheWheel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		c := upgradeRaw(t, s.dial(), s.addr, "/talk")
		c.handshake()
		begin := time.Now()
		for i := range 3 {
			_ = c.conn.SetDeadline(time.Now().Add(time.Minute))
			if got := c.nextMessages(); got[0] != `{"type":6}` {
				t.Fatalf("came %q", got)
			}
			if waited, want := time.Since(begin), time.Duration(i+1)*15*time.Second; waited < want || waited > want+time.Second {
				t.Errorf("ping %d came after %v", i, waited)
			}
		}
		// A client that has pinged and then falls silent is closed.
		c.send(text, `{"type":6}`+"\x1e")
		begin = time.Now()
		for f := c.next(); f.first != closeF; f = c.next() {
			_ = c.conn.SetDeadline(time.Now().Add(time.Minute))
		}
		if waited := time.Since(begin); waited < 30*time.Second || waited > 31*time.Second {
			t.Errorf("closed after %v of silence", waited)
		}
		_ = c.conn.Close()
	})
}

func TestLink_afterRests(t *testing.T) {
	// A reader that has waited goes on with a stack of its own; nobody notices.
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		c := upgradeRaw(t, s.dial(), s.addr, "/talk")
		c.handshake()
		for i := range 20 {
			said := fmt.Sprint(i)
			c.send(text, `{"type":1,"target":"Say","arguments":["`+said+`"]}`+"\x1e")
			if got := c.nextMessages(); got[0] != heard(said) {
				t.Fatalf("heard %q, want %q", got, said)
			}
			time.Sleep(time.Duration(i) * 200 * time.Millisecond)
		}
		c.send(closeF, closePayload(1000, ""))
		c.expectCloseThenSilence(1000, "")
		_ = c.conn.Close()
	})
}

func TestLink_halfAControlFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		c := upgradeRaw(t, s.dial(), s.addr, "/talk")
		c.handshake()
		c.write([]byte{ping, 0x85, 1, 2, 3, 4, 'x'})
		begin := time.Now()
		c.expectCloseThenSilence(1008, "control frame timeout")
		if waited := time.Since(begin); waited > 10*time.Second {
			t.Errorf("waited %v", waited)
		}
		_ = c.conn.Close()
		if err := s.awaitGone(); err == nil {
			t.Error("OnDisconnect heard of no error")
		}
	})
}

func TestLink_stopsReadingWhileTheQueueIsFull(t *testing.T) {
	// The first call waits; what comes behind it fills the queue, and then
	// nothing more is read. When the call goes on, so does everything, in order.
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, roomy)
		c := upgradeRaw(t, s.dial(), s.addr, "/talk")
		c.handshake()
		c.send(text, `{"type":1,"target":"Wait","invocationId":"w","arguments":[]}`+"\x1e")
		<-s.begun
		const n = 2000
		written := make(chan error, 1)
		go func() {
			var sent []byte
			for i := range n {
				said := fmt.Sprint(i) + strings.Repeat(".", 1000)
				sent = appendFrame(sent, rawFrame{first: text, masked: true, payload: []byte(`{"type":1,"target":"Say","arguments":["` + said + `"]}` + "\x1e")})
			}
			_, err := c.conn.Write(sent)
			written <- err
		}()
		synctest.Wait()
		if got := s.host.Stats().BytesIn; got < 32<<10 || got > 80<<10 {
			t.Errorf("%d bytes were read while the queue of 64 KiB was full", got)
		}
		close(s.goOn)
		if got := c.nextMessages(); got[0] != `{"type":3,"invocationId":"w","result":null}` {
			t.Fatalf("came %q", got)
		}
		var frames []rawFrame
		for range n {
			frames = append(frames, c.next())
		}
		if got := checkWhole(t, frames); got != n {
			t.Errorf("%d of %d messages came back", got, n)
		}
		if err := <-written; err != nil {
			t.Error(err)
		}
		_ = c.conn.Close()
	})
}

func TestShutdown_whileALinkIsNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		c := upgradeRaw(t, s.dial(), s.addr, "/talk")
		c.handshake()
		c.send(text, `{"type":1,"target":"Wait","invocationId":"w","arguments":[]}`+"\x1e")
		<-s.begun
		go func() {
			one := appendFrame(nil, rawFrame{first: text, masked: true, payload: []byte(`{"type":1,"target":"Say","arguments":["x"]}` + "\x1e")})
			for range 5000 { // far more than the queue takes
				if _, err := c.conn.Write(one); err != nil {
					return
				}
			}
		}()
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		down := make(chan error, 1)
		go func() { down <- s.host.Shutdown(ctx) }()
		c.expectCloseThenSilence(1001, "the server is shutting down")
		_ = c.conn.Close()
		if err := <-down; !errors.Is(err, context.Canceled) {
			t.Errorf("shutdown: %v", err)
		}
	})
}
