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
// ctx, of which the hub is told.
//
// The error is an [*Error] if the hub answered with one, [ErrNotConnected] if
// there is no connection, [ErrNotConfirmed] if the connection was lost before
// the answer came, [ErrTooLarge], the error of ctx, or what makes the request or
// the answer impossible to read.
func Call[Req, Res any](ctx context.Context, c *Client, method contract.Method[Req, Res], request Req) (Res, error) {
	result := new(Res)
	err := c.call(ctx, method.Descriptor(), reflect.ValueOf(&request).Elem(), reflect.ValueOf(result).Elem())
	if err != nil {
		var none Res
		return none, err // a late answer may still be read into the other
	}
	return *result, nil
}

// Send calls a method of the hub and does not wait. It returns when the call is
// queued on the connection; nobody says what became of it. The error is
// [ErrNotConnected], [ErrTooLarge], the error of ctx while the queue is full, or
// what makes the request impossible to write.
func Send[Req, Res any](ctx context.Context, c *Client, method contract.Method[Req, Res], request Req) error {
	d := method.Descriptor()
	s, frame, err := c.prepare(d, reflect.ValueOf(&request).Elem(), nil)
	if err == nil {
		err = s.queue(ctx, frame)
	}
	return inMethod(d, err)
}

// call is one call that waits for its answer.
type call struct {
	plan *wire.Plan
	into reflect.Value
	done chan struct{} // closed when err and what is in into are final
	err  error
}

func (c *Client) call(ctx context.Context, d *contract.Descriptor, request, result reflect.Value) error {
	plan, err := wire.PlanOf(d.Response())
	if err != nil {
		return inMethod(d, err)
	}
	id := strconv.FormatInt(c.lastID.Add(1), 10)
	s, frame, err := c.prepare(d, request, []byte(id))
	if err != nil {
		return inMethod(d, err)
	}
	waiting := &call{plan: plan, into: result, done: make(chan struct{})}
	if err := s.addCall(id, waiting); err != nil {
		return inMethod(d, err)
	}
	if err := s.queue(ctx, frame); err != nil {
		s.dropCall(id)
		return inMethod(d, err)
	}
	select {
	case <-waiting.done:
		return inMethod(d, waiting.err)
	case <-ctx.Done():
	}
	if !s.dropCall(id) {
		<-waiting.done // the answer has just come
		return inMethod(d, waiting.err)
	}
	s.out.putSmall(s.c.codec.Append(nil, &wire.Message{Kind: wire.CancelInvocation, InvocationID: []byte(id)}))
	return inMethod(d, ctx.Err())
}

// prepare returns the session to call on and the message to send.
func (c *Client) prepare(d *contract.Descriptor, request reflect.Value, id []byte) (*session, []byte, error) {
	if d.Hub() != c.hub {
		return nil, nil, fmt.Errorf("it is a method of another hub than %s", c.hub.Name())
	}
	if len(d.Uploads()) > 0 {
		return nil, nil, fmt.Errorf("it has uploads, which this client does not send")
	}
	plan, err := wire.ArgumentsOf(d)
	if err != nil {
		return nil, nil, err
	}
	m := wire.Message{Kind: wire.Invocation, InvocationID: id, Target: []byte(d.Name())}
	if m.Arguments, err = c.codec.AppendArguments(nil, plan, request); err != nil {
		return nil, nil, err
	}
	frame := c.codec.Append(nil, &m)
	if n := len(frame) - 1; n > c.options.SendLimit { // without its end
		return nil, nil, fmt.Errorf("%w: %d bytes, of at most %d", ErrTooLarge, n, c.options.SendLimit)
	}
	s, err := c.connected()
	return s, frame, err
}

// inMethod says which call an error is about.
func inMethod(d *contract.Descriptor, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s.%s: %w", d.Hub().Name(), d.Name(), err)
}

// queue queues a message, and waits for room if need be.
func (s *session) queue(ctx context.Context, frame []byte) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		room, err := s.out.put(frame)
		if room == nil || err != nil {
			return err
		}
		select {
		case <-room:
		case <-ctx.Done():
		}
	}
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

// receiveAnswer ends the call that m answers, if somebody still waits for it.
func (s *session) receiveAnswer(m *wire.Message) {
	s.mu.Lock()
	waiting := s.calls[string(m.InvocationID)]
	delete(s.calls, string(m.InvocationID))
	s.mu.Unlock()
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

// endCalls ends every call without an answer, and lets no new one begin.
func (s *session) endCalls() {
	s.mu.Lock()
	calls := s.calls
	s.calls, s.ended = nil, true
	s.mu.Unlock()
	for _, waiting := range calls {
		waiting.err = ErrNotConfirmed
		close(waiting.done)
	}
}
