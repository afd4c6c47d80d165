package hubtest

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"partline.dev/server/hub"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// ErrClosed is what a call gives whose connection the hub has closed.
var ErrClosed = errors.New("the hub closed the connection")

var encoding = hub.NewEncoding(wire.JSON, nil)

// Client is one connection of the hub under test.
type Client struct {
	conn    *hub.Conn
	receive sync.Mutex // one reader, as a link has

	mu      sync.Mutex // Protects following.
	heard   []heard
	answers map[string]chan answer
	nextID  int
	closed  bool
	reason  hub.CloseReason
	changed chan struct{} // closed and replaced at every change
}

// heard is one event that arrived, until it is taken.
type heard struct {
	target    string
	arguments []byte
}

// answer is what a call came to.
type answer struct {
	value []byte
	err   error
}

// ID is the connection's id.
func (c *Client) ID() string { return c.conn.ID() }

// Close ends the connection, as a client does that stops.
func (c *Client) Close() {
	_ = c.write(&wire.Message{Kind: wire.Close})
	c.conn.LinkClosed(nil)
}

// Closed tells whether the hub has ended the connection, and why.
func (c *Client) Closed() (hub.CloseReason, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reason, c.closed
}

// Call calls a method and waits for its answer. The hub's errors come back with
// the text that its client would read.
func Call[Req, Res any](ctx context.Context, c *Client, m contract.Method[Req, Res], request Req) (Res, error) {
	var result Res
	args, err := arguments(m.Descriptor(), reflect.ValueOf(&request).Elem())
	if err != nil {
		return result, err
	}
	c.mu.Lock()
	id := strconv.Itoa(c.nextID)
	c.nextID++
	answered := make(chan answer, 1)
	c.answers[id] = answered
	if c.closed {
		answered <- answer{err: ErrClosed}
	}
	c.mu.Unlock()
	err = c.write(&wire.Message{
		Kind: wire.Invocation, InvocationID: []byte(id), Target: []byte(m.Descriptor().Name()), Arguments: args,
	})
	if err != nil {
		return result, err
	}
	select {
	case a := <-answered:
		if a.err != nil || m.Descriptor().Response() == reflect.TypeFor[contract.None]() {
			return result, a.err
		}
		plan, err := wire.PlanOf(m.Descriptor().Response())
		if err != nil {
			return result, err
		}
		return result, wire.JSON.ReadValue(a.value, plan, reflect.ValueOf(&result).Elem())
	case <-ctx.Done():
		_ = c.write(&wire.Message{Kind: wire.CancelInvocation, InvocationID: []byte(id)})
		return result, ctx.Err()
	}
}

// Await takes the next event of that name that the client has heard and not
// taken yet, and waits for it if need be.
func Await[T any](t testing.TB, c *Client, event contract.Event[T]) T {
	t.Helper()
	guard := time.NewTimer(awaitLimit)
	defer guard.Stop()
	for {
		h, changed, ok := c.take(event.Descriptor().Name())
		if ok {
			return decode(t, event, h)
		}
		select {
		case <-changed:
		case <-guard.C:
			t.Fatalf("no event %s in %v", event.Descriptor().Name(), awaitLimit)
		}
	}
}

// Heard takes every event of that name that has arrived so far, in order,
// without waiting. What a method published is there when its call returned.
func Heard[T any](t testing.TB, c *Client, event contract.Event[T]) []T {
	t.Helper()
	var all []T
	for {
		h, _, ok := c.take(event.Descriptor().Name())
		if !ok {
			return all
		}
		all = append(all, decode(t, event, h))
	}
}

func decode[T any](t testing.TB, event contract.Event[T], h heard) T {
	t.Helper()
	var v T
	p, err := wire.ArgumentsOf(event.Descriptor())
	if err == nil {
		err = wire.JSON.ReadArguments(h.arguments, p, reflect.ValueOf(&v).Elem())
	}
	if err != nil {
		t.Fatalf("event %s: %v", event.Descriptor().Name(), err)
	}
	return v
}

// take removes the first event called name, or gives a channel that is closed
// when something arrives.
func (c *Client) take(name string) (h heard, changed <-chan struct{}, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, h := range c.heard {
		if strings.EqualFold(h.target, name) {
			c.heard = append(c.heard[:i], c.heard[i+1:]...)
			return h, nil, true
		}
	}
	return heard{}, c.changed, false
}

// inbox is the hub's end of a client: its [hub.Sink].
type inbox struct{ c *Client }

// Send takes one message of the hub's.
func (in inbox) Send(e *hub.Event) error {
	framed, err := e.Bytes(encoding)
	if err != nil {
		return err
	}
	msg, _, err := wire.JSON.Split(framed, len(framed))
	if err != nil {
		return err
	}
	var m wire.Message
	if err := wire.JSON.Decode(msg, &m); err != nil {
		return err
	}
	c := in.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return hub.ErrClosed
	}
	switch m.Kind {
	case wire.Invocation:
		c.heard = append(c.heard, heard{string(m.Target), bytes.Clone(m.Arguments)})
		c.change()
	case wire.Completion:
		c.answer(string(m.InvocationID), &m)
	}
	return nil
}

// Close takes the hub's word that the connection is over.
func (in inbox) Close(reason hub.CloseReason) {
	c := in.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.closed, c.reason = true, reason
	for id, answered := range c.answers {
		delete(c.answers, id)
		answered <- answer{err: ErrClosed}
	}
	c.change()
}

// answer hands a completion to the call that waits for it.
func (c *Client) answer(id string, m *wire.Message) {
	answered := c.answers[id]
	if answered == nil {
		return
	}
	delete(c.answers, id)
	a := answer{value: bytes.Clone(m.Value)}
	if m.HasError {
		a.err = errors.New(string(m.Error))
	}
	answered <- a
}

// change wakes whoever waits for something to arrive.
func (c *Client) change() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// write gives the hub one message of the client's.
func (c *Client) write(m *wire.Message) error {
	c.receive.Lock()
	defer c.receive.Unlock()
	if _, closed := c.Closed(); closed {
		return ErrClosed
	}
	wait, err := c.conn.Receive(wire.JSON.Append(nil, m))
	if wait != nil {
		<-wait
	}
	return err
}

func arguments(d *contract.Descriptor, v reflect.Value) ([]byte, error) {
	p, err := wire.ArgumentsOf(d)
	if err != nil {
		return nil, err
	}
	return wire.JSON.AppendArguments(nil, p, v)
}
