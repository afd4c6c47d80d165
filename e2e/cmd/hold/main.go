// Command hold opens many connections to a hub and holds them idle, in a process
// of its own because a process has 20,000 descriptors at most.
//
//	hold -url ws://localhost:8080/hubs/connected -n 10000
//
// It prints "held N" when all are open. When its input ends it closes every
// connection and prints "closed N", N being those that the hub closed in turn
// with the code 1000.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

const (
	// atOnce is how many connections are opened at the same time: fewer than a
	// hub lets one address have before their handshakes.
	atOnce = 32

	// keepAlive is how often each connection pings the hub, as clients do.
	keepAlive = 10 * time.Second

	handshake = `{"protocol":"json","version":1}` + "\x1e"
	accepted  = "{}\x1e"
	ping      = `{"type":6}` + "\x1e"
)

func main() {
	url := flag.String("url", "", "the address of the hub, ws://")
	n := flag.Int("n", 1, "how many connections")
	flag.Parse()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	h := &holder{url: *url, conns: make([]*websocket.Conn, *n), fail: cancel}
	if err := h.run(ctx, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "hold:", err)
		os.Exit(1)
	}
}

// holder is the connections and what is known of them.
type holder struct {
	url     string
	conns   []*websocket.Conn
	fail    context.CancelCauseFunc // ends everything
	closing atomic.Bool
	clean   atomic.Int64 // closed with the code 1000 on both sides
}

func (h *holder) run(ctx context.Context, in io.Reader, out io.Writer) error {
	if err := h.open(ctx); err != nil {
		return err
	}
	var reading, keeping sync.WaitGroup
	for _, c := range h.conns {
		reading.Go(func() { h.read(ctx, c) })
	}
	done := make(chan struct{})
	keeping.Go(func() { h.keep(ctx, done) })
	fmt.Fprintln(out, "held", len(h.conns))
	_, err := io.Copy(io.Discard, in)

	close(done)
	keeping.Wait()
	h.closing.Store(true)
	for _, c := range h.conns {
		reading.Go(func() {
			if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
				h.fail(fmt.Errorf("close: %w", err))
			}
		})
	}
	reading.Wait()
	fmt.Fprintln(out, "closed", h.clean.Load())
	if err == nil {
		err = context.Cause(ctx)
	}
	return err
}

// open opens all connections.
func (h *holder) open(ctx context.Context) error {
	var next atomic.Int64
	var work sync.WaitGroup
	for range atOnce {
		work.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(h.conns) && ctx.Err() == nil; i = next.Add(1) - 1 {
				c, err := h.connect(ctx)
				if err != nil {
					h.fail(fmt.Errorf("connection %d: %w", i, err))
					return
				}
				h.conns[i] = c
			}
		})
	}
	work.Wait()
	return context.Cause(ctx)
}

// connect opens one connection and does the handshake of the hub protocol.
func (h *holder) connect(ctx context.Context) (*websocket.Conn, error) {
	c, _, err := websocket.Dial(ctx, h.url, nil)
	if err != nil {
		return nil, err
	}
	if err := c.Write(ctx, websocket.MessageText, []byte(handshake)); err != nil {
		return nil, err
	}
	_, reply, err := c.Read(ctx)
	if err == nil && string(reply) != accepted {
		err = fmt.Errorf("the handshake is answered by %q", reply)
	}
	return c, err
}

// read reads until the connection ends.
func (h *holder) read(ctx context.Context, c *websocket.Conn) {
	for {
		_, _, err := c.Read(ctx)
		switch {
		case err == nil:
			continue
		case !h.closing.Load():
			h.fail(fmt.Errorf("a connection that should be held has ended: %w", err))
		case websocket.CloseStatus(err) == websocket.StatusNormalClosure:
			h.clean.Add(1)
		}
		return
	}
}

// keep pings over every connection until done is closed.
func (h *holder) keep(ctx context.Context, done <-chan struct{}) {
	tick := time.NewTicker(keepAlive)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, c := range h.conns {
			if err := c.Write(ctx, websocket.MessageText, []byte(ping)); err != nil {
				h.fail(fmt.Errorf("ping: %w", err))
				return
			}
		}
	}
}
