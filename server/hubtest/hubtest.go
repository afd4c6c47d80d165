// Package hubtest runs a hub in memory, with clients beside it, for the tests of
// whoever writes a hub: no server, no port, no browser.
//
//	func TestPut_reachesEverybody(t *testing.T) {
//		h := hubtest.New(t, newHub())
//		ann, bob := h.Connect(hub.Principal{ID: "ann"}), h.Connect(hub.Principal{})
//		if _, err := hubtest.Call(t.Context(), ann, list.Put, list.Item{Name: "milk"}); err != nil {
//			t.Fatal(err)
//		}
//		if got := hubtest.Await(t, bob, list.Changed); len(got.All) != 1 {
//			t.Errorf("bob sees %v", got.All)
//		}
//	}
//
// That every method has its handler is a test of one line, hubtest.New(t, newHub()).
//
// Concurrency: everything may be used from any goroutine. The hub runs for real,
// with its own workers; the test's cleanup closes it and waits for them, so that
// a leak check passes. It works inside a testing/synctest bubble.
//
// [Hub.ConnectIn] connects a client to a page, session, place or the like, [ID] makes
// ids of pages and sessions, and [NotHeard] is for who must not hear.
//
// [Hub.ConnectPage] connects a page of jQuery SignalR 2, with all that only those
// have: [State], [CallWithProgress], [ErrorData], [Client.Break] and
// [Client.Reconnect].
//
// Uploads of a [Call], and the answers of a [Handle], run in goroutines of their
// own, which Settle and the cleanup wait for.
//
// Ordering: a client keeps what it hears in order of arrival, and [Await] takes
// the next of one event. What a method publishes is there when its [Call] has
// returned; what OnConnect and OnDisconnect do, after [Hub.Settle].
//
// What blocks: Await and [AwaitClose] until what they wait for is there, Settle
// while a handler runs, Call until it is answered, and a range over [Open] until
// the next item. The first three fail the test after 15 seconds; the last two
// wait as long as their context.
package hubtest

import (
	"log/slog"
	"testing"
	"time"

	"partline.dev/server/hub"
	"partline.dev/shared/access"
)

// awaitLimit is a guard against a test that would wait for ever.
const awaitLimit = 15 * time.Second

// Hub is one hub, running.
type Hub struct {
	t    testing.TB
	core *hub.Core
	name string
	work work
}

// New runs m until the test ends. It fails the test if a method or stream has no
// handler.
// Calls of the hub's clients may read the text of any error, and what the hub
// logs, such as the stack of a handler that panicked, is in the test's output.
func New(t testing.TB, m *hub.Mux) *Hub {
	t.Helper()
	return NewWith(t, m, hub.Options{})
}

// NewWith is [New] with options of the core's, such as the rules of who may do what.
// DetailedErrors, Log and Recent.Encoding are hubtest's own.
func NewWith(t testing.TB, m *hub.Mux, o hub.Options) *Hub {
	t.Helper()
	o.DetailedErrors, o.Log, o.Recent.Encoding = true, slog.New(slog.NewTextHandler(t.Output(), nil)), pageEncoding
	h := &Hub{t: t, name: m.Name()}
	h.core = hub.NewCore(hub.Env{
		Now: func() int64 { return time.Now().UnixMilli() },
		After: func(ms int64, f func()) func() bool {
			return time.AfterFunc(time.Duration(ms)*time.Millisecond, f).Stop
		},
		Go: h.work.begin,
	}, &o)
	if err := h.core.Mount(m); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		h.core.Close()
		<-h.work.ended()
	})
	return h
}

// Core is the core that runs the hub.
func (h *Hub) Core() *hub.Core { return h.core }

// Connect connects a client as p; the zero Principal is an anonymous visitor. It is in
// the scope that p names, else that of the tenant, as unmodified clients of SignalR are.
func (h *Hub) Connect(p hub.Principal) *Client {
	h.t.Helper()
	return h.ConnectIn(p, access.Where{})
}

func (h *Hub) newClient() *Client {
	return &Client{
		hub: h, changed: make(chan struct{}),
		answers: map[string]chan answer{}, streams: map[string]*incoming{}, queries: map[string]*answerer{},
	}
}

// open opens the client's connection, or fails the test.
func (c *Client) open(o hub.OpenOptions) {
	c.hub.t.Helper()
	conn, err := c.hub.core.Open(o)
	if err != nil {
		c.hub.t.Fatal(err)
	}
	c.conn = conn
}

// Settle waits until nothing runs: every handler, OnConnect and OnDisconnect that
// was begun has returned. It is for what no client can wait for, such as what
// OnDisconnect does, or that somebody hears nothing.
func (h *Hub) Settle() {
	h.t.Helper()
	select {
	case <-h.work.ended():
	case <-time.After(awaitLimit):
		h.t.Fatalf("a handler still runs after %v", awaitLimit)
	}
}
