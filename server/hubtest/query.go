package hubtest

import (
	"bytes"
	"context"
	"reflect"
	"strings"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// Handle answers what the hub asks the client by q, until off is called. The
// hub's error has the text of f's. A client that does not handle a query answers
// as SignalR's clients do: "Client didn't provide a result.".
func Handle[Req, Res any](c *Client, q contract.Query[Req, Res], f func(ctx context.Context, request Req) (Res, error)) (off func()) {
	name := strings.ToLower(q.Descriptor().Name())
	a := &answerer{answer: func(ctx context.Context, raw []byte) ([]byte, error) {
		arguments, err := wire.ArgumentsOf(q.Descriptor())
		if err != nil {
			return nil, err
		}
		plan, err := wire.PlanOf(q.Descriptor().Response())
		if err != nil {
			return nil, err
		}
		var request Req
		if err := wire.JSON.ReadArguments(raw, arguments, reflect.ValueOf(&request).Elem()); err != nil {
			return nil, err
		}
		result, err := f(ctx, request)
		if err != nil {
			return nil, err
		}
		return wire.JSON.AppendValue(nil, plan, reflect.ValueOf(&result).Elem())
	}}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queries[name] = a
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.queries[name] == a {
			delete(c.queries, name)
		}
	}
}

// answerer answers a query.
type answerer struct {
	answer func(ctx context.Context, raw []byte) ([]byte, error)
}

// asked answers a query of the hub's. The caller holds mu.
func (c *Client) asked(m *wire.Message) {
	id, raw := bytes.Clone(m.InvocationID), bytes.Clone(m.Arguments)
	a := c.queries[strings.ToLower(string(m.Target))]
	c.hub.work.begin(func() {
		reply := wire.Message{Kind: wire.Completion, InvocationID: id}
		if a == nil {
			reply.HasError, reply.Error = true, []byte("Client didn't provide a result.")
		} else if value, err := a.answer(c.hub.t.Context(), raw); err != nil {
			reply.HasError, reply.Error = true, []byte(err.Error())
		} else {
			reply.Value = value
		}
		_ = c.write(&reply)
	})
}
