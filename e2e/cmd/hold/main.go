// Command hold opens many connections to a hub and holds them idle, in a process
// of its own because a process has 20,000 descriptors at most.
//
//	hold -url http://localhost:8080/hubs/connected -n 10000
//	hold -url http://localhost:8080/signalr -classic longPolling -hub chatHub -n 5000 -hear hello
//
// The first are clients of ASP.NET Core SignalR with a WebSocket each, the second
// of jQuery SignalR 2, by webSockets or longPolling.
//
// It prints "held N" when all are open, and "heard N" when each of them has heard
// the text of -hear; one that hears it twice is an error. When its input ends it
// closes every connection and prints "closed N", N being those whose end the hub
// has answered as it should.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// atOnce is how many connections are opened at the same time: fewer than a
	// hub lets one address have before their handshakes.
	atOnce = 32

	// keepAlive is how often each connection shows the hub that it is there, as
	// clients do.
	keepAlive = 10 * time.Second
)

func main() {
	url := flag.String("url", "", "the address of the hub, http://")
	way := flag.String("classic", "", "be clients of jQuery SignalR 2, by webSockets or longPolling")
	hub := flag.String("hub", "", "the hub that they listen to")
	n := flag.Int("n", 1, "how many connections")
	hear := flag.String("hear", "", "the text that each of them shall hear once")
	flag.Parse()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	h := &holder{conns: make([]held, *n), text: *hear, fail: cancel, out: os.Stdout}
	h.connect = func(ctx context.Context) (held, error) { return dialCore(ctx, *url) }
	if *way != "" {
		c := newClassic(*url, *way, *hub, *n)
		h.connect, h.opened = c.dial, c.transport.CloseIdleConnections
	}
	if err := h.run(ctx, os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "hold:", err)
		os.Exit(1)
	}
}

// held is a connection that is held.
type held interface {
	// read gives hear all that comes until the connection ends, and nil if the
	// hub has ended it because it was closed.
	read(ctx context.Context, hear func(message []byte)) error

	// keep shows the hub that the client is there.
	keep(ctx context.Context) error

	// close asks the hub to end the connection.
	close(ctx context.Context) error
}

// holder is the connections and what is known of them.
type holder struct {
	connect func(context.Context) (held, error)
	opened  func() // called when all are open; nil: nobody asks
	conns   []held
	text    string // that each shall hear
	out     io.Writer
	fail    context.CancelCauseFunc // ends everything
	closing atomic.Bool
	clean   atomic.Int64 // closed as they should
	heard   atomic.Int64 // connections that have heard the text
}

func (h *holder) run(ctx context.Context, in io.Reader) error {
	if err := h.open(ctx); err != nil {
		return err
	}
	var reading, keeping sync.WaitGroup
	for _, c := range h.conns {
		reading.Go(func() { h.read(ctx, c) })
	}
	done := make(chan struct{})
	keeping.Go(func() { h.keep(ctx, done) })
	fmt.Fprintln(h.out, "held", len(h.conns))
	_, err := io.Copy(io.Discard, in)

	close(done)
	keeping.Wait()
	h.closing.Store(true)
	err = firstOf(err, h.each(ctx, func(i int) error {
		if err := h.conns[i].close(ctx); err != nil {
			return fmt.Errorf("close: %w", err)
		}
		return nil
	}))
	reading.Wait()
	fmt.Fprintln(h.out, "closed", h.clean.Load())
	return firstOf(err, context.Cause(ctx))
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// each calls f for every connection, for some at a time, until one fails.
func (h *holder) each(ctx context.Context, f func(i int) error) error {
	var next atomic.Int64
	var work sync.WaitGroup
	for range atOnce {
		work.Go(func() {
			for i := int(next.Add(1) - 1); i < len(h.conns) && ctx.Err() == nil; i = int(next.Add(1) - 1) {
				if err := f(i); err != nil {
					h.fail(err)
					return
				}
			}
		})
	}
	work.Wait()
	return context.Cause(ctx)
}

// open opens all connections.
func (h *holder) open(ctx context.Context) error {
	err := h.each(ctx, func(i int) (err error) {
		if h.conns[i], err = h.connect(ctx); err != nil {
			return fmt.Errorf("connection %d: %w", i, err)
		}
		return nil
	})
	if h.opened != nil {
		h.opened()
	}
	return err
}

// read reads until the connection ends.
func (h *holder) read(ctx context.Context, c held) {
	times := 0
	err := c.read(ctx, func(message []byte) {
		if h.text == "" {
			return
		}
		switch times += strings.Count(string(message), h.text); {
		case times > 1:
			h.fail(fmt.Errorf("a connection has heard %q %d times", h.text, times))
		case times == 1 && strings.Contains(string(message), h.text):
			if int(h.heard.Add(1)) == len(h.conns) {
				fmt.Fprintln(h.out, "heard", len(h.conns))
			}
		}
	})
	switch {
	case !h.closing.Load():
		h.fail(fmt.Errorf("a connection that should be held has ended: %w", err))
	case err == nil:
		h.clean.Add(1)
	}
}

// keep keeps every connection until done is closed.
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
			if err := c.keep(ctx); err != nil {
				h.fail(fmt.Errorf("keep-alive: %w", err))
				return
			}
		}
	}
}
