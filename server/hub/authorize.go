package hub

// A MethodOption changes how a method or stream is served.
type MethodOption func(*method)

// Authorize lets only those call the method for whom f returns nil; x.Request()
// is nil, since the arguments are not read before. The others hear "Failed to
// invoke 'X' because user is unauthorized" and nothing of f's error, which is
// logged at debug, unless it is an [*access.Refusal]. It runs before the hub's filters. Of several all must return nil.
func Authorize(f func(x *Context) error) MethodOption {
	return func(e *method) { e.authorize = append(e.authorize, f) }
}

// Authorize lets only those connect for whom f returns nil. A request of anybody
// else is refused before it becomes a connection: with 401 if it is anonymous,
// else with 403. Of several all must return nil.
func (m *Mux) Authorize(f func(p Principal) error) {
	m.mustBeUnmounted()
	m.authorize = append(m.authorize, f)
}

// Allows gives the error of the first [Mux.Authorize] that refuses p, or nil.
// Whoever serves the hub asks it at every request; [Core.Open] asks too.
func (m *Mux) Allows(p Principal) error {
	for _, f := range m.authorize {
		if err := f(p); err != nil {
			return err
		}
	}
	return nil
}

// authorized says why t's caller may not call it.
func (c *Conn) authorized(t *task, x *Context) error {
	for _, f := range t.method.authorize {
		if _, err := c.protect(t.target, func() (any, error) { return nil, f(x) }); err != nil {
			c.core.options.Log.Debug("refused a call: not authorized", "connection", c.id, "hub", c.mux.Name(), "method", t.target, "error", err)
			return err
		}
	}
	return nil
}
