package hub

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// What [Invoke] refuses.
var (
	// ErrNotOneClient: only a Client or a Caller can be asked.
	ErrNotOneClient = errors.New("a client result comes from one client: use Client(id) or Caller()")

	// ErrConnecting: OnConnect asked by its own targets, as SignalR does not
	// allow. A method of the hub may ask.
	ErrConnecting = errors.New("Client results inside OnConnectedAsync Hub methods are not allowed.") //nolint:staticcheck // SignalR's sentence

	// ErrNoClientResults: the client speaks the protocol of SignalR 2, which has
	// no client results.
	ErrNoClientResults = errors.New("the client's protocol has no client results")

	// ErrTooManyQueries: Options.StreamLimit answers of one client are awaited.
	ErrTooManyQueries = errors.New("as many answers of this client are awaited as may be")
)

// query is an answer that is awaited.
type query struct {
	answered chan reply // takes one without waiting
}

// reply is what an answer came to.
type reply struct {
	value []byte // encoded; nil: there is none
	err   error
}

// Invoke asks one client, x.Client(id) or x.Caller(), and waits for its answer
// until ctx ends (SignalR's InvokeAsync, a client result). It may be called
// inside a handler of that same client, and outside of any call.
//
// It gives ErrNotOneClient, ErrConnecting, ErrForeign, ErrUnknownConnection if
// the client is not there, ErrNoClientResults if it cannot be asked, ErrTooManyQueries, ErrClosed if it leaves before it
// answers, a [*ClientError] if it answers with an error, an error of package
// wire if its answer is of another type, and the context's error. A context
// without a deadline waits for as long as the client is there.
func Invoke[Req, Res any](ctx context.Context, to Target, q contract.Query[Req, Res], request Req) (Res, error) {
	var result Res
	mux := to.from.mux
	if mux == nil || mux.core == nil {
		return result, ErrNotMounted
	}
	d := q.Descriptor()
	if d == nil || !mux.has(d) {
		return result, fmt.Errorf("invoke on hub %s: %w", mux.Name(), ErrForeign)
	}
	arguments, err := wire.ArgumentsOf(d)
	if err != nil {
		return result, err
	}
	plan, err := wire.PlanOf(d.Response())
	if err != nil {
		return result, err
	}
	conn, err := to.one()
	if err != nil {
		return result, err
	}
	if conn.hearing != nil {
		return result, ErrNoClientResults
	}
	ctx, end := mux.core.trace(ctx, Operation{OperationQuery, mux.Name(), d.Name(), conn.id})
	value, err := conn.ask(ctx, []byte(d.Name()), arguments, reflect.ValueOf(&request).Elem())
	if err == nil {
		err = conn.codec.ReadValue(value, plan, reflect.ValueOf(&result).Elem())
	}
	if err != nil {
		err = fmt.Errorf("invoke %s: %w", d.Name(), err)
	}
	end(err)
	return result, err
}

// one is the connection that the target names.
func (t *Target) one() (*Conn, error) {
	switch {
	case t.from.connecting:
		return nil, ErrConnecting
	case t.only != nil:
		return t.only, nil
	case len(t.ids) == 1:
		if c := t.from.mux.core.find(t.from, t.ids[0]); c != nil {
			return c, nil
		}
		return nil, ErrUnknownConnection
	}
	return nil, ErrNotOneClient
}

// ask calls target on the client and waits for the answer.
func (c *Conn) ask(ctx context.Context, target []byte, p *wire.Arguments, request reflect.Value) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	id, q, err := c.await()
	if err != nil {
		return nil, err
	}
	defer c.forget(id)
	e := newEvent(wire.Invocation, func(dst []byte, codec wire.Codec) ([]byte, error) {
		m := wire.Message{Kind: wire.Invocation, InvocationID: []byte(id), Target: target}
		return appendInvocation(dst, codec, &m, p, request)
	})
	if err := c.sendPatiently(e, ctx.Done()); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, err
	}
	select {
	case r := <-q.answered:
		return r.value, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// await makes a query and its id, which no stream of the client's can have: it
// begins with an s, and theirs are numbers.
func (c *Conn) await() (id string, q *query, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.leaving {
		return "", nil, ErrClosed
	}
	f := c.flowing()
	if len(f.queries) >= c.core.options.StreamLimit {
		return "", nil, ErrTooManyQueries
	}
	f.asked++
	id = "s" + strconv.FormatInt(f.asked, 10)
	q = &query{answered: make(chan reply, 1)}
	f.queries[id] = q
	c.readOn()
	return id, q, nil
}

// forget takes no answer to the query called id any more.
func (c *Conn) forget(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.flows.queries, id)
}

// answerQuery hands a completion to whoever waits for it, and reports whether
// somebody does. An id means something on its own connection alone, so no client
// can answer for another.
func (c *Conn) answerQuery(m *wire.Message) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flows == nil {
		return false
	}
	q := c.flows.queries[string(m.InvocationID)]
	if q == nil {
		return false
	}
	delete(c.flows.queries, string(m.InvocationID))
	r := reply{value: bytes.Clone(m.Value)}
	if m.HasError {
		r.err = &ClientError{Message: string(m.Error), answer: true}
	}
	q.answered <- r
	return true
}
