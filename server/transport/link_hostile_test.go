package transport_test

import (
	"encoding/binary"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"partline.dev/server/hub"
	"partline.dev/server/linktest"
)

// TestHostile_link sends a WebSocket whatever strangers may send.
func TestHostile_link(t *testing.T) {
	linktest.Run(t, func(t *testing.T, m *hub.Mux) func() linktest.Client {
		s := serveInMemory(t, nil)
		if err := s.core.Mount(m); err != nil {
			t.Fatal(err)
		}
		s.mux.Handle("/link", s.host.Handler(s.core, m.Name(), nil))
		return func() linktest.Client {
			c := &linkClient{raw: upgradeRaw(t, s.dial(), s.addr, "/link"), out: make(chan []byte, 1<<17)}
			t.Cleanup(c.Leave)
			c.tasks.Go(c.read)
			c.tasks.Go(c.write)
			return c
		}
	})
}

// linkClient is a rawClient that reads and writes beside its test.
type linkClient struct {
	raw   *rawClient
	out   chan []byte
	tasks sync.WaitGroup
	once  sync.Once

	mu  sync.Mutex // Protects following.
	got strings.Builder
	end *linktest.End
}

func (c *linkClient) Send(binary bool, data []byte) {
	first := byte(text)
	if binary {
		first = frameBin
	}
	c.out <- appendFrame(nil, rawFrame{first: first, masked: true, payload: data})
}

// write ends with the client, or when the server takes nothing any more.
func (c *linkClient) write() {
	for frame := range c.out {
		if _, err := c.raw.conn.Write(frame); err != nil {
			return
		}
	}
}

func (c *linkClient) read() {
	for {
		f, err := c.raw.read()
		if err != nil {
			return
		}
		c.mu.Lock()
		if f.first != closeF {
			c.got.Write(f.payload)
		} else if c.end = (&linktest.End{Code: 1005}); len(f.payload) >= 2 {
			*c.end = linktest.End{Code: int(binary.BigEndian.Uint16(f.payload)), Reason: string(f.payload[2:])}
		}
		c.mu.Unlock()
	}
}

func (c *linkClient) Settle() { synctest.Wait() }

func (c *linkClient) Take() (string, *linktest.End) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.got.Reset()
	return c.got.String(), c.end
}

func (c *linkClient) Leave() {
	c.once.Do(func() {
		_ = c.raw.conn.Close()
		close(c.out)
		c.tasks.Wait()
	})
}
