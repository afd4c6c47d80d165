package classic

import (
	"errors"
	"net/http"
	"slices"

	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
)

// A connection is the hub.Follower of its connections to hubs: all of them wake
// it, and when one of them ends, so does it.

// Wake is hub.Follower's.
func (c *connection) Wake() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link != nil {
		c.link.wake()
	}
}

// Send is hub.Sink's. It is called only when a hub says that it ends the
// connection.
func (c *connection) Send(e *hub.Event) error {
	text, err := e.Bytes(Encoding)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.farewell = string(text)
	return nil
}

// Room is hub.Sink's: what is sent waits in the core.
func (c *connection) Room() <-chan struct{} { return nil }

// Close is hub.Sink's: a hub has ended its part, and with it the connection.
func (c *connection) Close(reason hub.CloseReason) {
	c.end(ending{
		code: reason.Code, comeBack: reason.Again || reason.Code == hub.CodeGoingAway || reason.Code == hub.CodeTryAgainLater,
		err: errClosedByHub,
	})
}

var errClosedByHub = errors.New("another hub has ended the connection")

// openHubs opens the hubs that the client lists.
func (c *connection) openHubs(q *request, returning bool) *refusal {
	hubs := q.hubs
	if c.handler.options.Raw != nil {
		hubs = []*hub.Mux{c.handler.options.Raw}
	}
	hubs = slices.DeleteFunc(hubs, func(m *hub.Mux) bool { return slices.Contains(c.barred, m) })
	for _, m := range hubs {
		o := hub.OpenOptions{
			Late: !returning && c.version.starts(), Returning: returning,
			Groups: namesOn(q.groups, m), Continues: c.was.on(m),
		}
		if o.Continues != nil {
			o.Groups, _ = o.Continues.Groups()
		}
		if _, err := c.openHub(m, o); err != nil {
			return refusedBy(err)
		}
	}
	c.listed = len(hubs)
	return nil
}

// openHub opens a connection to one hub.
func (c *connection) openHub(m *hub.Mux, o hub.OpenOptions) (*hub.Conn, error) {
	c.mu.Lock()
	o.Principal, o.Transport = *c.principal, c.transport.String()
	c.mu.Unlock()
	o.Hub, o.ID, o.Codec, o.Sink, o.Context, o.Quiet = m.Name(), c.name, Encoding.Codec(), c, c.values, true
	conn, err := c.handler.core.Open(o)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	over, last := c.over, c.last
	if !over {
		c.hubs, c.conns = append(c.hubs, m), append(c.conns, conn)
	}
	c.mu.Unlock()
	if over {
		conn.LinkClosed(last.err)
		return nil, hub.ErrClosed
	}
	return conn, nil
}

// refusedBy is what a client hears whose hub could not be opened.
func refusedBy(err error) *refusal {
	var public *access.Refusal
	switch {
	case errors.As(err, &public):
		return &refusal{front.StatusOf(public.Code), public.Error()}
	case errors.Is(err, hub.ErrUnauthorized):
		return errForbidden
	case errors.Is(err, hub.ErrDraining), errors.Is(err, hub.ErrDuplicateConnection), errors.Is(err, hub.ErrClosed):
		return errLater
	}
	return &refusal{http.StatusInternalServerError, "The connection could not be opened."}
}

// on is the connection to a hub, which is opened if the client did not list it: it
// may call it, and hears nothing of it.
func (c *connection) on(m *hub.Mux) (*hub.Conn, error) {
	if conn := c.find(m); conn != nil {
		return conn, nil
	}
	if slices.Contains(c.barred, m) {
		return nil, hub.ErrUnauthorized
	}
	c.calling.Lock()
	defer c.calling.Unlock()
	if conn := c.find(m); conn != nil {
		return conn, nil
	}
	return c.openHub(m, hub.OpenOptions{Unlisted: true, Late: true})
}

func (c *connection) find(m *hub.Mux) *hub.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, one := range c.hubs {
		if one == m {
			return c.conns[i]
		}
	}
	return nil
}

// all are the connections to hubs.
func (c *connection) all() []*hub.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conns
}

// renew notes who the client has shown to be. It is the same user.
func (c *connection) renew(q *request) *refusal {
	c.mu.Lock()
	if q.principal.Tenant != c.principal.Tenant || q.principal.ID != c.principal.ID {
		c.mu.Unlock()
		return errUser
	}
	c.principal = kept(q.principal)
	c.mu.Unlock()
	for _, conn := range c.all() {
		if err := conn.SetPrincipal(q.principal); err != nil && !errors.Is(err, hub.ErrClosed) {
			return errForbidden
		}
	}
	return nil
}
