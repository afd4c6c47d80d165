package hub_test

import (
	"encoding/base64"
	"encoding/binary"
	"runtime"
	"strconv"
	"testing"
	"time"

	"partline.dev/server/hub"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// throng is many connections over half as many pages.
type throng struct {
	core  *hub.Core
	conns []*hub.Conn
	work  []func() // what the core wants done; there is one goroutine, as the runtime keeps something of each
}

const (
	throngConns = 10_000
	throngPages = 5_000
)

// deaf takes what it is sent and keeps nothing.
type deaf struct{}

func (deaf) Send(*hub.Event) error { return nil }
func (deaf) Room() <-chan struct{} { return nil }
func (deaf) Close(hub.CloseReason) {}

func newThrong(tb testing.TB) *throng {
	c := &throng{conns: make([]*hub.Conn, throngConns)}
	c.core = hub.NewCore(hub.Env{
		Now:   func() int64 { return 1 },
		After: func(int64, func()) func() bool { return func() bool { return true } },
		Go:    func(f func()) { c.work = append(c.work, f) },
	}, nil)
	if err := c.core.Mount(talk(nil)); err != nil {
		tb.Fatal(err)
	}
	return c
}

// pageOf is the id of one of the pages.
func pageOf(i int) string {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:], uint64(i%throngPages))
	return base64.RawURLEncoding.EncodeToString(id[:])
}

func (c *throng) come(tb testing.TB, w func(i int) access.Where) {
	for i := range c.conns {
		conn, err := c.core.Open(hub.OpenOptions{Hub: "talk", ID: strconv.Itoa(i), Codec: wire.JSON, Sink: deaf{}, Where: w(i)})
		if err != nil {
			tb.Fatal(err)
		}
		c.conns[i] = conn
	}
}

func (c *throng) leave() {
	for i, conn := range c.conns {
		conn.LinkClosed(nil)
		c.conns[i] = nil
		c.settle()
	}
}

// settle does what the core wants done.
func (c *throng) settle() {
	for _, f := range c.work {
		f()
	}
	clear(c.work)
	c.work = c.work[:0]
}

func onPage(i int) access.Where { return access.Where{Scope: contract.ScopePage, Page: pageOf(i)} }

func ofTenant(int) access.Where { return access.Where{} }

// BenchmarkPageScopes prints what it costs to be in the scope of a page, with 10,000
// connections over 5,000 pages: to connect to it, to move to it from another scope,
// and to leave.
func BenchmarkPageScopes(b *testing.B) {
	var pageJoin, pageLeave, tenantJoin, tenantLeave, move time.Duration
	measure := func(d *time.Duration, f func()) {
		start := time.Now()
		f()
		*d += time.Since(start)
	}
	for b.Loop() {
		c := newThrong(b)
		measure(&tenantJoin, func() { c.come(b, ofTenant) })
		moves := make([][]byte, throngConns)
		for i := range moves {
			moves[i] = []byte(`{"type":1,"target":"$enter","arguments":[{"scope":"page","page":"` + pageOf(i) + `"}]}` + rs)
		}
		measure(&move, func() {
			for i, conn := range c.conns {
				if _, err := conn.Receive(moves[i]); err != nil {
					b.Fatal(err)
				}
				c.settle()
			}
		})
		if s := c.core.Stats(); s.Rooms != 1+throngPages {
			b.Fatalf("%+v", s)
		}
		c.leave()
		measure(&tenantJoin, func() { c.come(b, ofTenant) })
		measure(&tenantLeave, c.leave)
		measure(&pageJoin, func() { c.come(b, onPage) })
		measure(&pageLeave, c.leave)
	}
	each := func(d time.Duration, times int) float64 {
		return float64(d.Nanoseconds()) / 1000 / float64(b.N*times*throngConns)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(each(pageJoin, 1), "µs/join")
	b.ReportMetric(each(pageLeave, 1), "µs/leave")
	b.ReportMetric(each(move, 1), "µs/enter")
	b.ReportMetric(each(tenantJoin, 2), "µs/join-tenant")
	b.ReportMetric(each(tenantLeave, 1), "µs/leave-tenant")
}

// idleConnection is how many bytes the core may keep for a client of SignalR that
// says nothing, of whom nothing is known.
const idleConnection = 750

func TestConn_idleCost(t *testing.T) {
	c := newThrong(t)
	before := heap()
	c.come(t, ofTenant)
	each := float64(heap()-before) / throngConns
	t.Logf("an idle connection: %.0f bytes", each)
	if each > idleConnection {
		t.Errorf("an idle connection costs %.0f bytes, more than %d", each, idleConnection)
	}
	c.leave()
}

// heap is how many bytes are in use.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestPageScopes_leaveNothingBehind counts rooms and bytes after 10,000 connections
// over 5,000 pages have come and gone.
func TestPageScopes_leaveNothingBehind(t *testing.T) {
	c := newThrong(t)
	before := heap()
	c.come(t, onPage)
	if s := c.core.Stats(); s.Rooms != 1+throngPages || s.Connections != throngConns {
		t.Fatalf("%+v", s)
	}
	peak := heap()
	c.leave()
	if s := c.core.Stats(); s.Rooms != 0 || s.Connections != 0 {
		t.Errorf("left: %+v", s)
	}
	grown := float64(heap()-before) / throngPages
	t.Logf("a room with two connections: %.0f bytes; after the last has left: %.1f", float64(peak-before)/throngPages, grown)
	if grown >= 200 {
		t.Errorf("the heap has grown by %.0f bytes a room", grown)
	}
	runtime.KeepAlive(c)
}
