// Package hubtest runs a hub in memory, with clients beside it, for the tests of
// whoever writes a hub: no server, no port, no browser.
//
//	func TestListReachesEveryone(t *testing.T) {
//		h := hubtest.New(t, list.NewHub())
//		ann, bob := h.Connect(hub.Principal{}), h.Connect(hub.Principal{})
//		if _, err := hubtest.Call(t.Context(), ann, list.AddMethod, list.Add{Item: "milk"}); err != nil {
//			t.Fatal(err)
//		}
//		got := hubtest.Await(t, bob, list.Added)
//		...
//	}
//
// Concurrency: everything may be used from any goroutine. The hub runs for real,
// with its own workers; the test's cleanup closes it and waits for them, so that
// a leak check passes. It works inside a testing/synctest bubble.
//
// Ordering: a client keeps what it hears in order of arrival, and [Await] takes
// the next of one event. [Await] and [Call] block until what they wait for is
// there; Await fails the test after 15 seconds.
package hubtest

import (
	"crypto/rand"
	"sync"
	"testing"
	"time"

	"partline.dev/server/hub"
	"partline.dev/shared/wire"
)

// awaitLimit is a guard against a test that would wait for ever.
const awaitLimit = 15 * time.Second

// Hub is one hub, running.
type Hub struct {
	t    testing.TB
	core *hub.Core
	name string
	work sync.WaitGroup
}

// New runs m until the test ends. It fails the test if a method has no handler.
// Calls of the hub's clients may read the text of any error.
func New(t testing.TB, m *hub.Mux) *Hub {
	t.Helper()
	h := &Hub{t: t, name: m.Name()}
	h.core = hub.NewCore(hub.Env{
		Now: func() int64 { return time.Now().UnixMilli() },
		After: func(ms int64, f func()) func() bool {
			return time.AfterFunc(time.Duration(ms)*time.Millisecond, f).Stop
		},
		Go: h.work.Go,
	}, &hub.Options{DetailedErrors: true})
	if err := h.core.Mount(m); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		h.core.Close()
		h.work.Wait()
	})
	return h
}

// Core is the core that runs the hub.
func (h *Hub) Core() *hub.Core { return h.core }

// Connect connects a client as p; the zero Principal is an anonymous visitor.
func (h *Hub) Connect(p hub.Principal) *Client {
	h.t.Helper()
	c := &Client{changed: make(chan struct{}), answers: map[string]chan answer{}}
	conn, err := h.core.Open(hub.OpenOptions{Hub: h.name, ID: rand.Text(), Codec: wire.JSON, Sink: inbox{c}, Principal: p})
	if err != nil {
		h.t.Fatal(err)
	}
	c.conn = conn
	return c
}
