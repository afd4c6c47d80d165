package hub

import (
	"errors"
	"reflect"
	"sync"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// What an [Answer] has for a call that could not begin.
var (
	// ErrUnknownMethod: the hub has no method of that name.
	ErrUnknownMethod = errors.New("no method of that name")

	// ErrMethodUnauthorized: an [Authorize] of the method refused the caller.
	ErrMethodUnauthorized = errors.New("the caller is not authorized to call the method")
)

// ArgumentsError is what an [Answer] has for a call whose arguments do not fit.
type ArgumentsError struct {
	// Candidates are the methods of that name; more than one if it is
	// overloaded.
	Candidates []*contract.Descriptor

	// Err is wire.ErrCount if none of them takes that many, else what is wrong
	// with the values.
	Err error
}

// Error says what is wrong.
func (e *ArgumentsError) Error() string { return "the arguments do not fit: " + e.Err.Error() }

// Unwrap is Err.
func (e *ArgumentsError) Unwrap() error { return e.Err }

// Call is an invocation that a front door has read itself, as its protocol is not
// of hub messages.
type Call struct {
	Method    string // in any case
	Arguments []byte // the JSON array, checked, for the codec of the connection; nil: none
	Count     int    // of the Arguments
	State     []byte // JSON object, for [State]; nil: none

	// Answer is called once for each call that was taken, from a goroutine of the
	// core's, and may block: the connection's next call waits for it. Nil: nobody
	// waits.
	Answer func(Answer)

	// Progress is called with what the method reports, encoded, until it is
	// answered. It must not block. Nil: the caller hears none.
	Progress func(value []byte)
}

// Answer is what became of a [Call].
type Answer struct {
	Value []byte // the result, encoded; nil: there is none, or the call failed
	State []byte // JSON object of what [SetState] has changed; nil: nothing
	Data  []byte // encoded [Error.Data]; nil: none

	// Err says why the call failed: ErrUnknownMethod, ErrMethodUnauthorized, an
	// [*ArgumentsError], ErrClosed if the connection ended first, an [*Error],
	// which the caller may read, or any other, whose text it may not. Nil: it
	// did not.
	Err error
}

// Call takes an invocation as [Conn.Receive] does, and runs it under the same
// rules: in order, and within the same bounds. It keeps nothing of what it is
// given. A method with uploads and a stream cannot be called so, and answer with
// an [*Error] that says it. A connection that was opened Late starts first.
//
// A non-nil wait means that the connection holds all that it may: the client's
// next call should be read when it is closed. ErrClosed means that the connection
// takes no call any more, and this one has no answer.
func (c *Conn) Call(call Call) (wait <-chan struct{}, err error) {
	if call.Arguments == nil {
		call.Arguments = []byte("[]")
	}
	d := &direct{answer: call.Answer, progress: call.Progress}
	d.bag.raw = append([]byte(nil), call.State...)
	t := task{direct: d, size: len(call.State)}
	if err := c.take(t, []byte(call.Method), call.Count, call.Arguments, nil); err != nil {
		return nil, err
	}
	return c.full(), nil
}

// direct is what a task has that came as a [Call].
type direct struct {
	answer func(Answer) // nil: nobody waits any more. The connection's mutex protects it.

	progress func(value []byte)

	mu   sync.Mutex // Protects following. It is held while progress is called.
	bag  bag
	over bool // the method has returned
}

// end takes no more state and progress, and returns what state has changed.
func (d *direct) end() (state []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.over = true
	return d.bag.changes()
}

// waiting takes the function that answers; nil if nobody waits. The connection's
// mutex is held.
func (d *direct) waiting() (answer func(Answer)) {
	if d == nil {
		return nil
	}
	answer, d.answer = d.answer, nil
	return answer
}

// answerDirect answers a task that came as a [Call].
func (c *Conn) answerDirect(t *task, a Answer) {
	a.State = t.direct.end()
	if public := told(a.Err); public != nil && public.Data != nil {
		a.Data = c.encodeData(t, public.Data)
	}
	c.mu.Lock()
	answer := t.direct.waiting()
	c.mu.Unlock()
	if answer != nil {
		answer(a)
	}
}

// encodeData encodes what an error has for its client; nil if that cannot be.
func (c *Conn) encodeData(t *task, data any) []byte {
	v := reflect.ValueOf(data)
	plan, err := wire.PlanOf(v.Type())
	var encoded []byte
	if err == nil {
		encoded, err = c.codec.AppendValue(nil, plan, v)
	}
	if err != nil {
		c.core.options.Log.Error("the data of an error could not be encoded", "connection", c.id, "hub", c.mux.Name(), "method", t.target, "error", err)
		return nil
	}
	return encoded
}

// unanswered takes the functions that answer the calls which run or wait. The
// mutex is held.
func (c *Conn) unanswered() (all []func(Answer)) {
	for t := c.calls; t != nil; t = t.next {
		if answer := t.direct.waiting(); answer != nil {
			all = append(all, answer)
		}
	}
	for i := c.queue.head; i < len(c.queue.tasks); i++ {
		if answer := c.queue.tasks[i].direct.waiting(); answer != nil {
			all = append(all, answer)
		}
	}
	return all
}

// public is err as the caller of a [Call] gets it.
func public(err error) error {
	if public := told(err); public != nil {
		return public
	}
	if client := (*ClientError)(nil); errors.As(err, &client) && client.answer {
		return &Error{Message: client.Message}
	}
	return err
}
