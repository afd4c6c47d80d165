package hubtest

import (
	"bytes"
	"context"
	"reflect"
	"strconv"
	"strings"

	"partline.dev/server/hub"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// Call calls a method and waits for its answer. An error of the hub's has the
// text that its client would read; to errors.As it is a [*hub.Error] if that is
// what the handler returned, and an [*access.Refusal] if the hub refused. The values of the request's uploads are sent beside
// the call, in goroutines of their own, until it is answered.
func Call[Req, Res any](ctx context.Context, c *Client, m contract.Method[Req, Res], request Req) (Res, error) {
	return call(ctx, c, m, request, nil)
}

// call is Call with what hears a page's progress.
func call[Req, Res any](ctx context.Context, c *Client, m contract.Method[Req, Res], request Req, progress func([]byte)) (Res, error) {
	var result Res
	id, answered, err := c.begin(m.Descriptor(), reflect.ValueOf(&request).Elem(), progress)
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
		if c.page != nil {
			return result, ctx.Err() // it cannot cancel a call
		}
		_ = c.write(&wire.Message{Kind: wire.CancelInvocation, InvocationID: []byte(id)})
		return result, ctx.Err()
	}
}

// Send calls a method and asks for no answer: the hub tells nobody what became of
// it. [Hub.Settle] waits until it is done, its uploads sent with it.
func Send[Req, Res any](c *Client, m contract.Method[Req, Res], request Req) error {
	if c.page != nil {
		return c.callHub(m.Descriptor(), reflect.ValueOf(&request).Elem(), nil, nil)
	}
	return c.invoke(wire.Invocation, "", m.Descriptor(), reflect.ValueOf(&request).Elem())
}

// begin calls d, and returns the call's id and the channel that its answer comes
// through.
func (c *Client) begin(d *contract.Descriptor, request reflect.Value, progress func([]byte)) (id string, answered <-chan answer, err error) {
	if c.page != nil {
		answers := make(chan answer, 1)
		return "", answers, c.callHub(d, request, progress, func(a answer) { answers <- a })
	}
	id, answered = c.expect()
	return id, answered, c.invoke(wire.Invocation, id, d, request)
}

// invoke sends the message that calls d, and begins its uploads. An empty id asks
// for no answer.
func (c *Client) invoke(kind wire.Kind, id string, d *contract.Descriptor, request reflect.Value) error {
	p, err := wire.ArgumentsOf(d)
	if err != nil {
		return err
	}
	args, err := wire.JSON.AppendArguments(nil, p, request)
	if err != nil {
		return err
	}
	m := wire.Message{Kind: kind, Target: []byte(d.Name()), Arguments: args}
	if id != "" {
		m.InvocationID = []byte(id)
	}
	for range d.Uploads() {
		m.StreamIDs = append(m.StreamIDs, c.newID())
	}
	if err := c.write(&m); err != nil {
		return err
	}
	for i, u := range d.Uploads() {
		c.hub.work.begin(func() { c.upload(id, m.StreamIDs[i], u, request.Field(u.Index)) })
	}
	return nil
}

// answer is what a call came to.
type answer struct {
	value []byte
	err   error
}

// expect makes an id for a call, and the channel that its answer comes through.
func (c *Client) expect() (id string, answered chan answer) {
	id = c.newID()
	c.mu.Lock()
	defer c.mu.Unlock()
	answered = make(chan answer, 1)
	c.answers[id] = answered
	return id, answered
}

// newID makes an id for a call or an upload.
func (c *Client) newID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nextID++
	return strconv.Itoa(c.nextID - 1)
}

// answer hands a completion to the call that waits for it. The caller holds mu.
func (c *Client) answer(id string, m *wire.Message) {
	answered := c.answers[id]
	if answered == nil {
		return
	}
	delete(c.answers, id)
	a := answer{value: bytes.Clone(m.Value)}
	if m.HasError {
		a.err = told(m.Error)
	}
	answered <- a
}

// toldError is an error as the hub told it.
type toldError struct {
	text    string
	public  *hub.Error      // what a handler meant the client to read; nil: nothing
	refusal *access.Refusal // what it is to a client that reads codes; nil: none
}

func told(text []byte) error {
	e := &toldError{text: string(text)}
	said := e.text
	// SignalR's name for such an error stands before it.
	if _, message, ok := strings.Cut(said, ". HubException: "); ok {
		said, e.public = message, &hub.Error{Message: message}
	}
	e.refusal = refusalIn(said)
	return e
}

// Error is all that the client reads.
func (e *toldError) Error() string { return e.text }

// refusalIn is the refusal that a text tells; nil: none.
func refusalIn(text string) *access.Refusal {
	if r, ok := access.ParseRefusal(text); ok {
		return &r
	}
	return nil
}

// Unwrap is what the handler returned, as far as the client may know it.
func (e *toldError) Unwrap() (all []error) {
	if e.public != nil {
		all = append(all, e.public)
	}
	if e.refusal != nil {
		all = append(all, e.refusal)
	}
	return all
}
