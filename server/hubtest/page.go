package hubtest

import (
	"context"
	"crypto/rand"
	"errors"
	"reflect"
	"sync"

	"partline.dev/server/hub"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// pageEncoding is what a page hears, kept for it while its link is broken.
var pageEncoding = hub.NewEncoding(wire.JSONAsDeclared, nil)

// errLost is what OnDisconnect hears of a client that is lost.
var errLost = errors.New("the client is lost")

// errNoStreams is what [Open] gives for a page.
var errNoStreams = errors.New("a page of jQuery SignalR 2 has no streams")

// page is what a client has that is a page of jQuery SignalR 2.
type page struct {
	mu     sync.Mutex // Protects following. Taken before the client's and never after it.
	conn   *hub.Conn  // nil: it is being opened
	cursor uint64     // the number of the latest event that it has heard
	broken bool       // its link is

	state map[string]contract.RawJSON // the client's mutex protects it
}

// ConnectPage connects a page of jQuery SignalR 2 as p. It has a [State], hears
// progress and can [Client.Break] and [Client.Reconnect]; it has no streams,
// uploads and client results.
func (h *Hub) ConnectPage(p hub.Principal) *Client {
	h.t.Helper()
	return h.ConnectPageIn(p, access.Where{})
}

// ConnectPageIn is [Hub.ConnectPage] for a page that is to be where w says, as a
// ticket may.
func (h *Hub) ConnectPageIn(p hub.Principal, w access.Where) *Client {
	h.t.Helper()
	c := h.newClient()
	c.page = &page{state: map[string]contract.RawJSON{}}
	c.open(hub.OpenOptions{Hub: h.name, ID: rand.Text(), Codec: wire.JSONAsDeclared, Sink: pageInbox{inbox{c}}, Principal: p, Where: w})
	c.page.mu.Lock()
	c.page.conn = c.conn
	c.page.mu.Unlock()
	c.fetch()
	return c
}

// pageInbox is the hub's end of a page: its [hub.Follower].
type pageInbox struct{ inbox }

// Wake lets the page hear what is new.
func (in pageInbox) Wake() { in.c.fetch() }

// fetch hears what there is of the page's events.
func (c *Client) fetch() {
	p := c.page
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conn == nil || p.broken {
		return
	}
	for {
		events, upTo, err := c.hub.core.Fetch(p.cursor, 1<<20, p.conn)
		p.cursor = upTo // also if some are not kept any more: it goes on from now
		if err != nil || len(events) == 0 {
			return
		}
		for _, e := range events {
			_ = c.hear(e.Item()) // after its close it hears nothing
		}
	}
}

// Break breaks the link of a page: it hears nothing until [Client.Reconnect], and
// the hub does not notice. What it calls still arrives.
func (c *Client) Break() {
	c.mustBePage("Break")
	c.page.mu.Lock()
	defer c.page.mu.Unlock()
	c.page.broken = true
}

// Reconnect gives a page a new link: the hub's OnReconnect runs, and the page hears
// what was published since [Client.Break], as far as the hub has kept it.
func (c *Client) Reconnect() {
	c.mustBePage("Reconnect")
	c.page.mu.Lock()
	c.page.broken = false
	c.page.mu.Unlock()
	c.fetch()
	c.conn.Reconnected()
}

// Lose ends the connection as a client does that is lost: OnDisconnect hears an
// error.
func (c *Client) Lose() { c.conn.LinkClosed(errLost) }

func (c *Client) mustBePage(what string) {
	c.hub.t.Helper()
	if c.page == nil {
		c.hub.t.Fatalf("%s is for a client of ConnectPage", what)
	}
}

// callHub calls d as a page does.
func (c *Client) callHub(d *contract.Descriptor, request reflect.Value, progress func([]byte), answered func(answer)) error {
	p, err := wire.ArgumentsOf(d)
	if err != nil {
		return err
	}
	call := hub.Call{Method: d.Name(), Progress: progress}
	if call.Arguments, err = wire.JSONAsDeclared.AppendArguments(nil, p, request); err != nil {
		return err
	}
	_ = wire.Elements(call.Arguments, func([]byte) error { call.Count++; return nil }) // it was just written
	if call.State, err = c.bag(); err != nil {
		return err
	}
	if answered != nil {
		call.Answer = func(a hub.Answer) {
			c.merge(a.State)
			answered(answer{value: a.Value, err: toldPage(a)})
		}
	}
	_, err = c.conn.Call(call)
	if errors.Is(err, hub.ErrClosed) {
		return ErrClosed
	}
	return err
}

// toldPage is a call's error as a page is told it; nil if there is none.
func toldPage(a hub.Answer) error {
	switch {
	case a.Err == nil:
		return nil
	case errors.Is(a.Err, hub.ErrClosed):
		return ErrClosed
	}
	return &pageError{error: a.Err, data: a.Data, refusal: refusalIn(a.Err.Error())}
}

// pageError is an error with what the page is given beside its text.
type pageError struct {
	error
	data    []byte
	refusal *access.Refusal // nil: none
}

func (e *pageError) Unwrap() []error {
	if e.refusal == nil {
		return []error{e.error}
	}
	return []error{e.error, e.refusal}
}

// ErrorData is what the hub's error gave the page beside its message: the Data of a
// [hub.Error]. It gives an error if there is none, or of another type.
func ErrorData[T any](err error) (T, error) {
	var data T
	told := (*pageError)(nil)
	if !errors.As(err, &told) || told.data == nil {
		return data, errors.New("the error has no data")
	}
	return data, read(told.data, reflect.ValueOf(&data).Elem())
}

// State is a value of the page's state, as it would read it: zero if there is none
// of that name.
func State[T any](c *Client, key string) (T, error) {
	var value T
	c.mustBePage("State")
	c.mu.Lock()
	raw := c.page.state[key]
	c.mu.Unlock()
	if raw == nil {
		return value, nil
	}
	return value, read(raw, reflect.ValueOf(&value).Elem())
}

// SetState changes a value of the page's state, which travels with each call from
// then on.
func SetState[T any](c *Client, key string, value T) error {
	c.mustBePage("SetState")
	plan, err := wire.PlanOf(reflect.TypeFor[T]())
	if err != nil {
		return err
	}
	raw, err := wire.JSONAsDeclared.AppendValue(nil, plan, reflect.ValueOf(&value).Elem())
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.page.state[key] = raw
	return nil
}

// bag is the page's state as it travels; nil if it is empty.
func (c *Client) bag() ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.page.state) == 0 {
		return nil, nil
	}
	plan, err := wire.PlanOf(reflect.TypeOf(c.page.state))
	if err != nil {
		return nil, err
	}
	return wire.JSONAsDeclared.AppendValue(nil, plan, reflect.ValueOf(c.page.state))
}

// merge takes what a call has changed of the page's state.
func (c *Client) merge(changed []byte) {
	if changed == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = wire.Members(changed, func(name, value []byte) error { // the hub wrote it
		c.page.state[string(name)] = contract.RawJSON(value)
		return nil
	})
}

// CallWithProgress is [Call] of a page that hears what the method reports: each is
// called with it, one value after the other, before the answer is there.
func CallWithProgress[P, Req, Res any](ctx context.Context, c *Client, m contract.Method[Req, Res], request Req, each func(P)) (Res, error) {
	c.mustBePage("CallWithProgress")
	return call(ctx, c, m, request, func(raw []byte) {
		var value P
		if err := read(raw, reflect.ValueOf(&value).Elem()); err != nil {
			c.hub.t.Errorf("progress of %s: %v", m.Descriptor().Name(), err)
			return
		}
		each(value)
	})
}

// read reads an encoded value.
func read(raw []byte, v reflect.Value) error {
	plan, err := wire.PlanOf(v.Type())
	if err != nil {
		return err
	}
	return wire.JSON.ReadValue(raw, plan, v)
}
