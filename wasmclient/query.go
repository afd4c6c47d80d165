package client

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// queryOverhead is what a query at work holds besides its bytes, about.
const queryOverhead = 4 << 10

// What the hub is told that does not get its answer.
const (
	saysNothing = "Client didn't provide a result." // as SignalR's clients say it
	saysBusy    = "The client has too many queries at work."
	saysPanic   = "The client's handler failed."
)

// Handle has f answer a query of the hub's, until off is called. An error is
// sent in the place of the answer; its text reaches the hub.
//
// Every query has a goroutine of its own, so f may take its time, may call the
// hub, and may be at work for several queries at once; it does not wait for
// handlers of events, nor they for it. Ctx ends when the hub does not wait any
// more, the connection is lost or the client is closed, which waits for f. A
// query that nothing handles is answered with an error, and so is one for which
// there is no room among those at work, in Options.QueueLimit bytes.
//
// Handle panics if the query is of another hub, cannot travel, or has a handler.
func Handle[Req, Res any](c *Client, query contract.Query[Req, Res], f func(context.Context, Req) (Res, error)) (off func()) {
	d := query.Descriptor()
	return c.handleQuery(d, func() (reflect.Value, func(context.Context) (reflect.Value, error)) {
		request := new(Req)
		return reflect.ValueOf(request).Elem(), func(ctx context.Context) (reflect.Value, error) {
			result := new(Res)
			var err error
			*result, err = f(ctx, *request)
			return reflect.ValueOf(result).Elem(), err
		}
	})
}

// queries are the handlers of a client's queries.
type queries struct {
	mu       sync.Mutex            // protects following
	handlers map[string]*responder // by name in lower case
	size     int                   // of the queries at work, in bytes
}

// responder answers one query.
type responder struct {
	plan   *wire.Arguments
	result *wire.Plan

	// make makes room for the arguments, and the call that uses them.
	make func() (into reflect.Value, call func(context.Context) (reflect.Value, error))
}

func (c *Client) handleQuery(d *contract.Descriptor, room func() (reflect.Value, func(context.Context) (reflect.Value, error))) (off func()) {
	if d.Hub() != c.hub {
		panic(fmt.Sprintf("client: query %s belongs to hub %s, not %s", d.Name(), d.Hub().Name(), c.hub.Name()))
	}
	r := &responder{make: room}
	var err error
	if r.plan, err = wire.ArgumentsOf(d); err == nil {
		r.result, err = wire.PlanOf(d.Response())
	}
	if err != nil {
		panic("client: " + err.Error())
	}
	q, name := &c.queries, strings.ToLower(d.Name())
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.handlers[name] != nil {
		panic(fmt.Sprintf("client: query %s has a handler already", d.Name()))
	}
	if q.handlers == nil {
		q.handlers = map[string]*responder{}
	}
	q.handlers[name] = r
	return func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		if q.handlers[name] == r {
			delete(q.handlers, name)
		}
	}
}

// admit returns the handler of a query, and takes its size off what is left.
func (q *queries) admit(name string, size, limit int) (r *responder, refused string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	r = q.handlers[strings.ToLower(name)]
	switch {
	case r == nil:
		return nil, saysNothing
	case q.size > 0 && q.size+size > limit:
		return nil, saysBusy
	}
	q.size += size
	return r, ""
}

func (q *queries) done(size int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.size -= size
}

// receiveQuery begins with the answer to a call from the hub.
func (s *session) receiveQuery(m *wire.Message) error {
	size := len(m.Arguments) + queryOverhead
	r, refused := s.c.queries.admit(string(m.Target), size, s.c.options.QueueLimit)
	if r == nil {
		if refused == saysNothing && s.c.events.firstWarning("query ", string(m.Target)) {
			s.c.options.Log(fmt.Sprintf("the hub asks %q, and nothing answers it (client.Handle)", m.Target))
		}
		return s.answerNow(&wire.Message{
			Kind: wire.Completion, InvocationID: m.InvocationID, HasError: true, Error: []byte(refused),
		})
	}
	ctx, cancel := context.WithCancel(s.over)
	id, arguments := string(m.InvocationID), append([]byte(nil), m.Arguments...)
	s.mu.Lock()
	s.queries[id] = cancel
	s.mu.Unlock()
	if !s.c.start(s, func() {
		defer s.c.queries.done(size)
		defer s.cancelQuery(id)
		s.answer(ctx, id, r, arguments)
	}) {
		s.cancelQuery(id)
		s.c.queries.done(size)
	}
	return nil
}

// answer answers one query.
func (s *session) answer(ctx context.Context, id string, r *responder, arguments []byte) {
	m := wire.Message{Kind: wire.Completion, InvocationID: []byte(id)}
	value, err := s.respond(ctx, r, arguments)
	if err == nil {
		m.Value, err = s.c.codec.AppendValue(nil, r.result, value)
	}
	var frame []byte
	if err == nil {
		frame, err = s.c.frame(&m)
	}
	if err != nil {
		m.Value, m.HasError, m.Error = nil, true, []byte(err.Error())
		frame = s.c.codec.Append(nil, &m)
	}
	_, _ = s.queue(s.over, frame) // a session that has ended answers nothing
}

// respond runs the handler of one query.
func (s *session) respond(ctx context.Context, r *responder, arguments []byte) (value reflect.Value, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			s.c.options.Log(fmt.Sprintf("a handler of a query panicked: %v\n%s", reason, stack()))
			err = &Error{Message: saysPanic}
		}
	}()
	into, call := r.make()
	if err := s.c.codec.ReadArguments(arguments, r.plan, into); err != nil {
		return value, err
	}
	return call(ctx)
}

// cancelQuery ends the context of a query, if it is at work.
func (s *session) cancelQuery(id string) {
	s.mu.Lock()
	cancel := s.queries[id]
	delete(s.queries, id)
	s.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}

// answerNow queues an answer of the reader's.
func (s *session) answerNow(m *wire.Message) error {
	frame := s.c.codec.Append(nil, m)
	for {
		_, room, err := s.out.put(frame)
		if room == nil || err != nil {
			return nil //nolint:nilerr // a session that ends answers nothing
		}
		select {
		case <-room:
		case <-s.quit:
			return errDropped
		}
	}
}
