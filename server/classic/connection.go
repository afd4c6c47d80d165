package classic

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"sync"

	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// connection is a client from its connect to its end, over all its links. For as
// long as it has none, it waits for the next.
type connection struct {
	handler *Handler
	id      guid
	name    string // the id as text
	version version
	values  context.Context // of the request that made it
	opened  chan struct{}   // closed when its hubs are open, or could not be
	gone    chan struct{}   // closed when it has ended
	retired chan struct{}   // closed when it is a past one
	barred  []*hub.Mux      // hubs of the address for which its credentials are not good. Set before opened
	begun   uint64          // what its rooms say after that number is for it. Set before opened

	calling sync.Mutex // held while a hub is opened that it calls without having listed it

	mu        sync.Mutex // Protects following. Of the core's, only what a link needs to fetch is called while it is held.
	place     *transport.Place
	principal *hub.Principal // as its latest request has shown; tenant and user never change
	transport front.Transports
	hubs      []*hub.Mux  // those that the client listed, and then those that it called
	conns     []*hub.Conn // of each of them
	listed    int         // how many of them it listed
	raw       *rawLink    // nil: it has hubs, or has not begun
	was       *past       // what it was before, while it opens; nil: nothing that is known
	link      link        // nil: none for now
	groups    grouping
	told      told
	farewell  string // what the hub that ended it says
	sends     int    // requests that wait for an answer
	started   bool   // its client is ready, and told that it is connected
	groupless bool   // it was made by a request that could not tell its groups
	over      bool
	last      ending      // how it ended
	waits     bool        // for a link
	due       int64       // when the next link must have come, in ms
	stop      func() bool // the timer for that
}

// link is how the events of a connection reach its client for a while.
type link interface {
	// wake tells that there may be something to fetch. The connection's mutex is
	// held.
	wake()

	// close ends the link: with the connection, or, if last is nil, because
	// another link has come. The connection's mutex is not held.
	close(last *ending)
}

// ending says how a connection ends.
type ending struct {
	code     int    // of a [hub.CloseReason]
	comeBack bool   // the client may come back; else it is refused from then on
	asked    bool   // it asked for it
	text     string // why it may not come back; empty: it may, or asked for it
	lost     bool   // the client is, and may come back late
	err      error  // what OnDisconnect hears; nil: it ended in good order
}

// arrival is what a client wants that has no live connection here.
type arrival uint8

const (
	connecting arrival = iota // a new one
	returning                 // the one that it had
	sending                   // likewise, and it does not say which groups that was in
)

var (
	errSilent = errors.New("the client has not come back for too long")

	// goingAway ends a connection when the server stops: its client comes back
	// to the next one.
	goingAway = ending{code: hub.CodeGoingAway, comeBack: true, err: errors.New("the server is shutting down")}
)

func newConnection(h *Handler, q *request) *connection {
	return &connection{
		handler: h, id: q.id, name: q.id.String(), version: q.version, values: q.r.Context(),
		principal: kept(q.principal), transport: q.transport,
		opened: make(chan struct{}), gone: make(chan struct{}), retired: make(chan struct{}),
	}
}

// nobody is the one principal of all who are nobody, as most are.
var nobody = &hub.Principal{}

// kept is p for as long as a connection lasts.
func kept(p hub.Principal) *hub.Principal {
	if reflect.ValueOf(&p).Elem().IsZero() {
		return nobody
	}
	return &p
}

// open gives a new connection its place and its hubs.
func (c *connection) open(q *request, was *past, by arrival) *refusal {
	h := c.handler
	defer close(c.opened)
	c.was, c.groupless = was, was == nil && by == sending
	place, ok := h.host.Enter(q.w, q.r, transport.Entry{
		Name: h.name, ID: c.name, Transport: q.transport, Cut: func() { c.end(goingAway) },
	})
	if !ok {
		c.end(ending{lost: true})
		return errAnswered
	}
	c.mu.Lock()
	c.place = place
	over, last := c.over, c.last
	c.mu.Unlock()
	if over {
		place.Leave(last.code, last.lost, last.err)
		return errEnded
	}
	c.begun = h.core.Latest()
	c.barred = h.elsewhere(q)
	if refused := c.openHubs(q, by != connecting); refused != nil {
		c.end(ending{lost: true, err: refused})
		return refused
	}
	c.mu.Lock()
	c.was = nil
	c.await()
	c.mu.Unlock()
	return nil
}

// attach makes l the link, in place of the one before. It reports false if the
// connection has ended. L is woken.
func (c *connection) attach(l link) bool {
	c.mu.Lock()
	if c.over {
		c.mu.Unlock()
		return false
	}
	before := c.link
	c.link = l
	c.waits = false
	if c.stop != nil {
		c.stop()
		c.stop = nil
	}
	l.wake()
	c.mu.Unlock()
	if before != nil {
		before.close(nil)
	}
	return true
}

// touch gives the client its time for a link, if it has none.
func (c *connection) touch() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link == nil {
		c.await()
	}
}

// pause takes the link away, without another.
func (c *connection) pause() {
	c.mu.Lock()
	before := c.link
	c.link = nil
	c.await()
	c.mu.Unlock()
	if before != nil {
		before.close(nil)
	}
}

// ended is how the connection ended.
func (c *connection) ended() *ending {
	c.mu.Lock()
	defer c.mu.Unlock()
	return &c.last
}

// detach notes that l carries nothing more: unless there is another, the client
// has its time to come back.
func (c *connection) detach(l link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link == l {
		c.link = nil
		c.await()
	}
}

// await gives the client its time for the next link. The mutex is held.
func (c *connection) await() {
	if c.over {
		return
	}
	env := c.handler.env
	wait := c.handler.options.disconnectAfter()
	c.waits, c.due = true, env.Now()+wait
	if c.stop != nil {
		c.stop()
	}
	c.stop = env.After(wait, c.expire)
}

// expire ends a connection whose client has not come back.
func (c *connection) expire() {
	c.mu.Lock()
	late := c.waits && c.handler.env.Now() >= c.due
	c.mu.Unlock()
	if late { // else it has just come back
		c.end(ending{code: hub.CodeGoingAway, lost: true, err: errSilent})
	}
}

// end ends the connection. Calls after the first do nothing.
func (c *connection) end(e ending) {
	c.mu.Lock()
	if c.over {
		c.mu.Unlock()
		return
	}
	c.over = true
	c.waits = false
	if c.stop != nil {
		c.stop()
		c.stop = nil
	}
	l, place, conns, raw := c.link, c.place, c.conns, c.raw
	c.link = nil
	p := &past{barred: !e.comeBack && !e.lost, hubs: c.hubs, conns: conns}
	if len(conns) == 0 && c.was != nil {
		p = c.was // it never got anywhere
	}
	switch {
	case e.asked:
		p.hubs, p.conns = nil, nil // it has no use for what they said
	case p.barred:
		e.text = cmp.Or(c.farewell, textEnded)
	}
	p.text, c.last = e.text, e
	c.mu.Unlock()

	close(c.gone)
	for _, conn := range conns {
		conn.LinkClosed(e.err)
	}
	if raw != nil {
		raw.end(e.err)
	}
	c.handler.connections.retire(c, p)
	close(c.retired)
	if l != nil {
		l.close(&e)
	}
	if place != nil {
		place.Leave(e.code, e.lost, e.err)
	}
}
