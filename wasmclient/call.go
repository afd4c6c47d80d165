package client

import (
	"context"
	"fmt"
	"reflect"
	"strconv"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// Call calls a method of the hub and waits for its answer, or for the end of
// ctx, of which the hub is told. Uploads of the request are sent meanwhile; see
// the package comment.
//
// The error is an [*Error] if the hub answered with one, [ErrNotConnected] if
// there is no connection, [ErrNotConfirmed] if the connection was lost before
// the answer came, [ErrTooLarge], the error of ctx, or what makes the request,
// a value of an upload or the answer impossible to write or to read.
func Call[Req, Res any](ctx context.Context, c *Client, method contract.Method[Req, Res], request Req) (Res, error) {
	result := new(Res)
	_, err := c.call(ctx, method.Descriptor(), reflect.ValueOf(&request).Elem(), reflect.ValueOf(result).Elem())
	if err != nil {
		var none Res
		return none, err // a late answer may still be read into the other
	}
	return *result, nil
}

// Send calls a method of the hub and does not wait. It returns when the call is
// queued on the connection; nobody says what became of it. Uploads of the
// request go on after that, until their values end or the connection does. The
// error is [ErrNotConnected], [ErrTooLarge], the error of ctx while the queue is
// full, or what makes the request impossible to write.
func Send[Req, Res any](ctx context.Context, c *Client, method contract.Method[Req, Res], request Req) error {
	d := method.Descriptor()
	i, err := c.prepare(d, wire.Invocation, reflect.ValueOf(&request).Elem(), "")
	if err == nil {
		err = i.begin(ctx, nil)
	}
	return inMember(d, err)
}

// call is one call that waits for its answer.
type call struct {
	plan *wire.Plan
	into reflect.Value
	done chan struct{} // closed when err and what is in into are final
	err  error

	number int64 // of its message; the session's mutex protects it
}

// call makes one, and says over which session.
func (c *Client) call(ctx context.Context, d *contract.Descriptor, request, result reflect.Value) (*session, error) {
	plan, err := wire.PlanOf(d.Response())
	if err != nil {
		return nil, inMember(d, err)
	}
	id := c.newID()
	i, err := c.prepare(d, wire.Invocation, request, id)
	if err != nil {
		return nil, inMember(d, err)
	}
	return i.session, inMember(d, i.answered(ctx, &call{plan: plan, into: result, done: make(chan struct{})}))
}

// answered sends the call and waits for its answer.
func (i *invocation) answered(ctx context.Context, waiting *call) error {
	s, id := i.session, i.id
	if err := s.addCall(id, waiting); err != nil {
		return err
	}
	if err := i.begin(ctx, func(err error) bool { return s.failCall(id, err) }); err != nil {
		s.dropCall(id)
		return err
	}
	defer i.endUploads()
	select {
	case <-waiting.done:
		return waiting.err
	case <-ctx.Done():
	}
	if !s.dropCall(id) {
		<-waiting.done // the answer has just come
		return waiting.err
	}
	i.cancel()
	return ctx.Err()
}

// newID is an id that no other call or upload of the client has.
func (c *Client) newID() string { return strconv.FormatInt(c.lastID.Add(1), 10) }

// inMember says which call an error is about.
func inMember(d *contract.Descriptor, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s.%s: %w", d.Hub().Name(), d.Name(), err)
}

// addCall notes that an answer to id is waited for.
func (s *session) addCall(id string, waiting *call) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return ErrNotConnected
	}
	s.calls[id] = waiting
	return nil
}

// dropCall forgets a call; it reports false if its end has come already.
func (s *session) dropCall(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, waits := s.calls[id]
	delete(s.calls, id)
	return waits
}

// failCall ends a call from this side; it reports false if its end has come
// already.
func (s *session) failCall(id string, err error) bool {
	s.mu.Lock()
	waiting := s.calls[id]
	delete(s.calls, id)
	s.mu.Unlock()
	if waiting != nil {
		waiting.err = err
		close(waiting.done)
	}
	return waiting != nil
}

// receiveAnswer ends the call or the stream that m answers, if somebody still
// waits for it.
func (s *session) receiveAnswer(m *wire.Message) {
	id := string(m.InvocationID)
	s.mu.Lock()
	waiting, stream := s.calls[id], s.streams[id]
	delete(s.calls, id)
	delete(s.streams, id)
	s.mu.Unlock()
	if stream != nil {
		var err error
		if m.HasError {
			err = hubError(m.Error)
		}
		stream.end(err)
	}
	if waiting == nil {
		return
	}
	if m.HasError {
		waiting.err = hubError(m.Error)
	} else if err := s.c.codec.ReadValue(m.Value, waiting.plan, waiting.into); err != nil {
		waiting.err = fmt.Errorf("the hub's answer cannot be read: %w", err)
	}
	close(waiting.done)
}

// number notes which message the call or stream id is, if it still waits.
func (s *session) number(id string, number int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if waiting := s.calls[id]; waiting != nil {
		waiting.number = number
	}
	if stream := s.streams[id]; stream != nil {
		stream.number = number
	}
}

// lost is how a call ends without an answer that is the message number: what was
// on no link has not arrived.
func (s *session) lost(number int64) error {
	if s.out.mayHaveArrived(number) {
		return ErrNotConfirmed
	}
	return ErrNotConnected
}

// endCalls ends every call and stream without an answer, and lets no new one
// begin.
func (s *session) endCalls() {
	s.mu.Lock()
	calls, streams := s.calls, s.streams
	s.calls, s.streams, s.ended = nil, nil, true
	s.mu.Unlock()
	for _, waiting := range calls {
		waiting.err = s.lost(waiting.number)
		close(waiting.done)
	}
	for _, stream := range streams {
		stream.end(s.lost(stream.number))
	}
}
