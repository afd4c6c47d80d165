package client

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"partline.dev/shared/access"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// maxWarned is how many names are remembered so that each is warned about once;
// after that many nothing is said, or a hub could fill the memory with names.
const maxWarned = 100

// On has f called with every event from now on, in the order in which the hub
// sent them, until off is called; a call that has begun may outlive off.
// Several handlers of one event are called in the order in which they were set.
// While f runs, no other handler does; see the package comment for what that
// holds up. A handler that panics is reported to Options.Log, and the next event
// goes on.
//
// On panics if the event is of another hub or cannot travel.
func On[T any](c *Client, event contract.Event[T], f func(T)) (off func()) {
	return c.hear(event.Descriptor(), func() (reflect.Value, func(access.Person)) {
		v := new(T)
		return reflect.ValueOf(v).Elem(), func(access.Person) { f(*v) }
	})
}

// OnFrom is [On] for who wants to know, too, who published the event: as the hub
// knows them, not as they say themselves. The zero Person is nobody that the hub
// knows, such as an anonymous guest, or the hub itself.
func OnFrom[T any](c *Client, event contract.Event[T], f func(from access.Person, v T)) (stop func()) {
	return c.hear(event.Descriptor(), func() (reflect.Value, func(access.Person)) {
		v := new(T)
		return reflect.ValueOf(v).Elem(), func(from access.Person) { f(from, *v) }
	})
}

// hear has the call that room makes called with every event that d describes.
func (c *Client) hear(d *contract.Descriptor, room func() (reflect.Value, func(access.Person))) (off func()) {
	if d.Hub() != c.hub {
		panic(fmt.Sprintf("client: event %s belongs to hub %s, not %s", d.Name(), d.Hub().Name(), c.hub.Name()))
	}
	plan, err := wire.ArgumentsOf(d)
	if err != nil {
		panic("client: " + err.Error())
	}
	return c.events.add(d.Name(), &handler{plan: plan, make: room})
}

// handler is one function that hears an event.
type handler struct {
	plan *wire.Arguments

	// make makes room for the arguments, and the call that uses them.
	make func() (into reflect.Value, call func(from access.Person))

	off atomic.Bool
}

// events is what happens to the events of a client.
type events struct {
	inbox inbox[event]

	mu       sync.Mutex            // protects following
	handlers map[string][]*handler // by name in lower case
	warned   map[string]bool
}

func (e *events) add(name string, h *handler) (off func()) {
	name = strings.ToLower(name)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.handlers == nil {
		e.handlers = map[string][]*handler{}
	}
	e.handlers[name] = append(slices.Clip(e.handlers[name]), h)
	return func() {
		h.off.Store(true)
		e.mu.Lock()
		defer e.mu.Unlock()
		left := slices.DeleteFunc(slices.Clone(e.handlers[name]), func(o *handler) bool { return o == h })
		if len(left) == 0 {
			delete(e.handlers, name)
			return
		}
		e.handlers[name] = left
	}
}

// of returns the handlers of an event. The list is never changed.
func (e *events) of(target string) []*handler {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.handlers[target]
}

// firstWarning reports whether nothing was said yet of that kind and name.
func (e *events) firstWarning(kind, name string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	key := kind + name
	if e.warned[key] || len(e.warned) == maxWarned {
		return false
	}
	if e.warned == nil {
		e.warned = map[string]bool{}
	}
	e.warned[key] = true
	return true
}

// dispatch runs the handlers of what arrives, until the inbox ends or ctx does.
func (c *Client) dispatch(ctx context.Context) {
	for {
		e, ok := c.events.inbox.take(ctx)
		if !ok {
			return
		}
		c.deliver(ctx, e)
	}
}

// deliver runs the handlers of one event, one after the other.
func (c *Client) deliver(ctx context.Context, e event) {
	handlers := c.events.of(e.target)
	if len(handlers) == 0 {
		if c.events.firstWarning("handler ", e.target) {
			c.options.Log(fmt.Sprintf("the hub sends the event %q, and nothing handles it (client.On)", e.target))
		}
		return
	}
	work := func() {
		for _, h := range handlers {
			if ctx.Err() == nil && !h.off.Load() {
				c.handle(h, e)
			}
		}
	}
	if c.options.Dispatch == nil {
		work()
		return
	}
	worked := make(chan struct{})
	c.options.Dispatch(func() {
		defer close(worked)
		work()
	})
	select {
	case <-worked:
	case <-ctx.Done(): // perhaps it never will
	}
}

// handle runs one handler.
func (c *Client) handle(h *handler, e event) {
	into, call := h.make()
	if err := c.codec.ReadArguments(e.arguments, h.plan, into); err != nil {
		if c.events.firstWarning("arguments ", e.target) {
			c.options.Log(fmt.Sprintf("the hub's event %q is not what its handler expects, and is left out: %v", e.target, err))
		}
		return
	}
	defer func() {
		if reason := recover(); reason != nil {
			c.options.Log(fmt.Sprintf("a handler of the event %q panicked: %v\n%s", e.target, reason, stack()))
		}
	}()
	call(e.from())
}

// stack is where the goroutine is, for a sentence about a panic.
func stack() []byte {
	p := make([]byte, 4<<10)
	return p[:runtime.Stack(p, false)]
}
