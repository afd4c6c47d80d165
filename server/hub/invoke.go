package hub

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"

	"partline.dev/shared/wire"
)

// call is an invocation that runs.
type call struct {
	id     string
	cancel context.CancelFunc
}

// errCancelled is what the caller of an invocation hears that it cancelled
// before it began.
var errCancelled = &Error{Message: "The invocation was canceled."}

// errPanic stands for a handler's panic, whose value nobody outside may read.
var errPanic = errors.New("the handler panicked")

// invoke runs one invocation and answers it, if it wants an answer.
func (c *Conn) invoke(t *task) {
	c.core.invocations.Add(1)
	switch {
	case t.method == nil:
		c.core.options.Log.Debug("unknown hub method", "connection", c.id, "hub", c.mux.Name(), "method", t.target)
		c.completeError(t, textUnknownMethod(t.target))
		return
	case t.streaming:
		c.completeError(t, textNotAStream(t.target))
		return
	case t.cancelled:
		c.completeError(t, c.core.textInvocation(t.target, errCancelled))
		return
	}
	request, err := t.method.bind(c.codec, t.arguments)
	if err != nil {
		c.core.options.Log.Debug("a call's arguments do not fit", "connection", c.id, "hub", c.mux.Name(), "method", t.target, "error", err)
		c.completeError(t, c.core.textBinding(t.target, err))
		return
	}
	x := &Context{Context: t.context, Targets: c.targets(), conn: c, method: t.method.descriptor, request: request}
	result, err := c.protect(t.target, func() (any, error) { return c.mux.invoke(x, t.method, request) })
	if err != nil {
		if public := (*Error)(nil); !errors.As(err, &public) && t.context.Err() == nil {
			c.core.options.Log.Error("a hub method failed", "connection", c.id, "hub", c.mux.Name(), "method", t.target, "error", err)
		}
		c.completeError(t, c.core.textInvocation(t.target, err))
		return
	}
	c.complete(t, result)
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

// complete answers t with its result.
func (c *Conn) complete(t *task, result any) {
	if t.id == "" {
		return
	}
	value := []byte("null")
	if p := t.method.result; p != nil {
		v := reflect.ValueOf(result)
		if v.IsValid() && v.Type() != t.method.descriptor.Response() {
			c.core.options.Log.Error("a filter changed the type of a result", "hub", c.mux.Name(), "method", t.target, "type", v.Type())
			c.completeError(t, c.core.textInvocation(t.target, errors.New("result of another type")))
			return
		}
		if !v.IsValid() {
			v = reflect.Zero(t.method.descriptor.Response())
		}
		var err error
		if value, err = c.codec.AppendValue(nil, p, v); err != nil {
			c.core.options.Log.Error("a result could not be encoded", "hub", c.mux.Name(), "method", t.target, "error", err)
			c.completeError(t, c.core.textInvocation(t.target, err))
			return
		}
	}
	c.sendMessage(&wire.Message{Kind: wire.Completion, InvocationID: []byte(t.id), Value: value})
}

// completeError answers t with the text of an error.
func (c *Conn) completeError(t *task, text string) {
	if t.id == "" {
		return
	}
	c.sendMessage(&wire.Message{Kind: wire.Completion, InvocationID: []byte(t.id), HasError: true, Error: []byte(text)})
}

// connect runs the hub's OnConnect.
func (c *Conn) connect(t *task) {
	x := &Context{Context: t.context, Targets: c.targets(), conn: c}
	_, err := c.protect("OnConnect", func() (any, error) { return nil, c.mux.connect(x) })
	if err == nil {
		c.greeted = true
		return
	}
	c.core.options.Log.Error("OnConnect failed", "connection", c.id, "hub", c.mux.Name(), "error", err)
	c.close(closing{
		reason: CloseReason{Code: CodeNormal, Text: "refused by the hub"},
		err:    err, say: true, text: c.core.textClosed(err),
	})
}

// disconnect runs the hub's OnDisconnect, as the last thing of a connection.
func (c *Conn) disconnect() {
	defer c.core.remove(c)
	if !c.mux.takesLeave() || c.mux.greets() && !c.greeted {
		return
	}
	c.mu.Lock()
	err := c.closeErr
	c.mu.Unlock()
	// The calls' context has ended; what OnDisconnect publishes must not fail for that.
	x := &Context{Context: c.core.context, Targets: c.targets(), conn: c}
	_, _ = c.protect("OnDisconnect", func() (any, error) {
		c.mux.disconnect(x, err)
		return nil, nil
	})
}
