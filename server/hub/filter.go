package hub

import "slices"

// Filter wraps what happens on a hub (SignalR's IHubFilter). Any field may be
// nil. Filters run in the order they were added, the first outermost.
type Filter struct {
	// Invoke wraps each invocation. next runs the rest of it and gives its
	// result; what Invoke returns is what the caller gets. x.Request() is the
	// decoded request. Of a stream the result is its iterator, which has not
	// begun yet; another iterator of the same type may be returned in its place.
	// Filters run after [Authorize] has let the caller pass.
	Invoke func(x *Context, next func() (any, error)) (any, error)

	// Connect wraps OnConnect; an error closes the connection.
	Connect func(x *Context, next func() error) error

	// Reconnect wraps OnReconnect.
	Reconnect func(x *Context, next func())

	// Disconnect wraps OnDisconnect.
	Disconnect func(x *Context, err error, next func())
}

// Use adds a filter around every invocation, connect, reconnect and disconnect of the hub.
func (m *Mux) Use(f Filter) {
	m.mustBeUnmounted()
	m.filters = append(m.filters, f)
}

// invoke runs e's handler inside the hub's filters.
func (m *Mux) invoke(x *Context, e *method, request any) (any, error) {
	next := func() (any, error) { return e.call(x, request) }
	if e.builtin {
		return next()
	}
	for _, filter := range slices.Backward(m.filters) {
		if f := filter.Invoke; f != nil {
			inner := next
			next = func() (any, error) { return f(x, inner) }
		}
	}
	return next()
}

// connect runs OnConnect inside the hub's filters.
func (m *Mux) connect(x *Context) error {
	next := func() error {
		if m.onConnect == nil {
			return nil
		}
		return m.onConnect(x)
	}
	for _, filter := range slices.Backward(m.filters) {
		if f := filter.Connect; f != nil {
			inner := next
			next = func() error { return f(x, inner) }
		}
	}
	return next()
}

// reconnect runs OnReconnect inside the hub's filters.
func (m *Mux) reconnect(x *Context) {
	next := func() {
		if m.onReconnect != nil {
			m.onReconnect(x)
		}
	}
	for _, filter := range slices.Backward(m.filters) {
		if f := filter.Reconnect; f != nil {
			inner := next
			next = func() { f(x, inner) }
		}
	}
	next()
}

// disconnect runs OnDisconnect inside the hub's filters.
func (m *Mux) disconnect(x *Context, err error) {
	next := func() {
		if m.onDisconnect != nil {
			m.onDisconnect(x, err)
		}
	}
	for _, filter := range slices.Backward(m.filters) {
		if f := filter.Disconnect; f != nil {
			inner := next
			next = func() { f(x, err, inner) }
		}
	}
	next()
}

// greets tells whether a new connection has anything to run, greetsAgain whether
// one that is back has, and takesLeave whether a gone one has: where there is
// nothing, no worker starts.
func (m *Mux) greets() bool {
	for _, f := range m.filters {
		if f.Connect != nil {
			return true
		}
	}
	return m.onConnect != nil
}

func (m *Mux) greetsAgain() bool {
	for _, f := range m.filters {
		if f.Reconnect != nil {
			return true
		}
	}
	return m.onReconnect != nil
}

func (m *Mux) takesLeave() bool {
	for _, f := range m.filters {
		if f.Disconnect != nil {
			return true
		}
	}
	return m.onDisconnect != nil
}
