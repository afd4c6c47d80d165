package hub

import (
	"errors"
	"fmt"
	"runtime/debug"

	"partline.dev/shared/access"
)

// errCancelled is what the caller of an invocation hears that it cancelled
// before it began.
var errCancelled = &Error{Message: "The invocation was canceled."}

// errTooManyStreams is what the caller of a stream hears that has
// Options.StreamLimit of them open.
var errTooManyStreams = &Error{Message: "As many streams are open on this connection as may be."}

// errPanic stands for a handler's panic, whose value nobody outside may read.
var errPanic = errors.New("the handler panicked")

// invoke runs one invocation and answers it, if it wants an answer. It reports
// whether the call runs on beside the queue, and finishes itself.
func (c *Conn) invoke(t *task) (beside bool) {
	c.core.invocations.Add(1)
	if err := c.meterCall(len(t.arguments)); err != nil {
		c.completeError(t, err, c.core.textInvocation(t.target, err))
		return false
	}
	if t.method == nil {
		c.core.options.Log.Debug("unknown hub method", "connection", c.id, "hub", c.mux.Name(), "method", t.target)
		c.completeError(t, ErrUnknownMethod, textUnknownMethod(t.target))
		return false
	}
	x := &Context{Context: t.context, Targets: c.targets(), conn: c, method: t.method.descriptor, direct: t.direct}
	x.called = true
	if err := c.authorized(t, x); err != nil {
		text := textUnauthorized(t.target)
		if refusal := (*access.Refusal)(nil); errors.As(err, &refusal) {
			text = c.core.textInvocation(t.target, err)
		} else {
			err = ErrMethodUnauthorized
		}
		c.completeError(t, err, text)
		return false
	}
	request, err := t.method.bind(c.codec, t.arguments)
	if err != nil {
		c.core.options.Log.Debug("a call's arguments do not fit", "connection", c.id, "hub", c.mux.Name(), "method", t.target, "error", err)
		c.completeError(t, &ArgumentsError{c.mux.named(t.target), err}, c.core.textBinding(t.target, err))
		return false
	}
	if text := c.refuses(t); text != "" {
		c.completeError(t, &Error{Message: text}, text)
		return false
	}
	t.method.bindUploads(t, request)
	x.request = request
	switch {
	case t.streaming:
		if t.cancelled {
			t.call.cancel() // as in ASP.NET Core it runs and finds its context ended
		}
		x.trace(OperationStream)
		return c.invokeStream(t, x)
	case len(t.uploads) > 0:
		x.trace(OperationInvoke)
		c.runBeside(t, func(t *task) { c.invokeMethod(t, x) })
		return true
	}
	x.trace(OperationInvoke)
	c.invokeMethod(t, x)
	return false
}

// refuses says why an invocation whose arguments fit cannot begin.
func (c *Conn) refuses(t *task) (text string) {
	streams := t.method.each != nil
	switch {
	case streams && !t.streaming:
		return textAStream(t.target)
	case t.direct != nil && len(t.method.uploads) > 0:
		return textTakesStreams(t.target)
	case !streams && t.streaming:
		return textNotAStream(t.target)
	case t.streams != len(t.method.uploads):
		return c.core.textInvocation(t.target, Errorf("Client sent %d stream(s), Hub method expects %d.", t.streams, len(t.method.uploads)))
	case t.twice != "":
		return c.core.textInvocation(t.target, Errorf("Stream ID '%s' is already in use.", t.twice))
	case t.cancelled && !t.streaming:
		return c.core.textInvocation(t.target, errCancelled)
	case t.streaming:
		return c.goBeside(t, besideStream)
	case t.streams > 0:
		return c.goBeside(t, besideMethod)
	}
	return ""
}

// invokeMethod runs a method's handler inside the filters and answers it.
func (c *Conn) invokeMethod(t *task, x *Context) {
	result, err := c.protect(t.target, func() (any, error) { return c.mux.invoke(x, t.method, x.request) })
	x.end(err)
	if err != nil {
		c.failed(t, err)
		c.completeError(t, err, c.core.textInvocation(t.target, err))
		return
	}
	c.complete(t, result)
}

// failed logs an error that its caller may not read, unless nobody is there to
// read it.
func (c *Conn) failed(t *task, err error) {
	c.mu.Lock()
	gone := c.closed || c.leaving
	c.mu.Unlock()
	if !gone && told(err) == nil && t.context.Err() == nil {
		c.core.options.Log.Error("a hub method failed", "connection", c.id, "hub", c.mux.Name(), "method", t.target, "error", err)
	}
}

// protect turns a panic of f into an error.
func (c *Conn) protect(name string, f func() (any, error)) (result any, err error) {
	defer func() {
		if v := recover(); v != nil {
			c.core.panics.Add(1)
			c.core.options.Log.Error("a hub method panicked", "connection", c.id, "hub", c.mux.Name(), "method", name,
				"panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			err = errPanic
		}
	}()
	return f()
}
