package transport_test

import (
	"context"
	"encoding/binary"
	"strings"
	"testing"
	"testing/synctest"

	"partline.dev/server/transport"
)

// cutFrame is what a server gets of a frame of size bytes whose link is cut: wire
// is the beginning of its payload as it stands on the wire, masked.
func cutFrame(first byte, size uint16, wire string) []byte {
	b := binary.BigEndian.AppendUint16([]byte{first, 0x80 | 126}, size)
	return append(append(b, 1, 2, 3, 4), wire...)
}

// A link that is cut inside a frame hands on nothing of what it cannot unmask: in
// the place of a loss that a client survives, its masked bytes would be messages.
func TestCut_insideAFrameOfAConnectionThatIsResumed(t *testing.T) {
	for name, row := range map[string]struct {
		handshake string
		first     byte
		wire      string
	}{
		"what would be no JSON":        {handshakeV2, text, "no JSON" + rs},
		"what would be a call":         {handshakeV2, text, sayText("forged")},
		"what would be no MessagePack": {`{"protocol":"messagepack","version":2}` + rs, frameBin, "\x01\xc0"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serveInMemory(t, nil)
				other := s.link("/talk")
				other.handshake()
				path := s.negotiateStateful()
				c := s.link(path)
				c.send(text, row.handshake)
				c.next()
				c.write(cutFrame(row.first, 1000, row.wire))
				_ = c.conn.Close()
				synctest.Wait()
				s.link(path).next() // it is taken back
				s.publish("well?")
				other.hears(heard("well?"))
				select {
				case err := <-s.gone:
					t.Errorf("the connection has ended: %v", err)
				default:
				}
			})
		})
	}
}

func TestCut_insideACompressedFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, &transport.Options{Compress: true})
		other := s.link("/talk")
		other.handshake()
		c := upgradeRaw(t, s.dial(), s.addr, "/talk", deflateOffer)
		c.handshake()
		// What inflates comes when there is a window of it.
		c.write(cutFrame(text|0x40, 1000, deflate(t, sayText("forged")+strings.Repeat(`{"type":6}`+rs, 5000))))
		_ = c.conn.Close()
		<-s.gone
		s.publish("well?")
		other.hears(heard("well?"))
	})
}

func TestCut_insideAFrameOfARawConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		var read []byte
		ended := make(chan struct{})
		s.raw(func(ctx context.Context, c *transport.Connection) error {
			defer close(ended)
			for {
				p, err := c.Read(ctx)
				if err != nil {
					return err
				}
				read = append(read, p...)
			}
		}, nil)
		c := s.link("/raw")
		c.send(frameBin, "whole")
		c.write(cutFrame(frameBin, 1000, "masked"))
		_ = c.conn.Close()
		<-ended
		if string(read) != "whole" {
			t.Errorf("it read %q", read)
		}
	})
}

// Wherever the link is cut, also where the library has just been given all that it
// asked for, the beginning of a message is not a message.
func TestCut_isNotTheEndOfAMessage(t *testing.T) {
	for _, came := range []int{0, 1, 4095, 4096, 4097, 8192, 8999} {
		synctest.Test(t, func(t *testing.T) {
			s := serveInMemory(t, nil)
			k := serveSockets(s.server, 64<<10, nil)
			c := s.link("/socket")
			c.write(cutFrame(text, 9000, strings.Repeat("x", came)))
			_ = c.conn.Close()
			if err := <-k.closed; err == nil {
				t.Error("Closed was given nil")
			}
			select {
			case message := <-k.received:
				t.Errorf("the first %d bytes were received as a message of %d", came, len(message))
			default:
			}
		})
	}
}
