package hub

// Start lets OnConnect run for a connection that was opened Late. Calls after the
// first, and after a call of the client's, do nothing.
func (c *Conn) Start() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.start()
}

// start queues what runs once for a new connection. Of one that is unlisted the
// hub does not hear that it comes and goes. The mutex is held.
func (c *Conn) start() {
	if c.started || c.closed || c.unlisted {
		return
	}
	c.started = true
	switch {
	case c.returning:
		c.greet() // OnConnect ran when it came first
		c.queueReconnect()
	case c.mux.greets():
		c.pushLocked(task{kind: taskConnect})
	default:
		c.greet()
	}
}

// greet notes that OnConnect has succeeded. The mutex is held.
func (c *Conn) greet() {
	if c.greeted {
		return
	}
	c.greeted = true
	if c.greeting != nil {
		close(c.greeting)
	}
}

// Greeted is closed once OnConnect has succeeded, or it turns out that there is
// none. If it fails, or the connection ends before, it never is, and the [Sink]
// hears of that.
func (c *Conn) Greeted() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.greeting == nil {
		c.greeting = make(chan struct{})
		if c.greeted {
			close(c.greeting)
		}
	}
	return c.greeting
}

// Reconnected tells the connection that its client has a new link, after it had
// lost one: OnReconnect runs, and OnConnect before it if that has not.
func (c *Conn) Reconnected() {
	c.mu.Lock()
	defer c.mu.Unlock()
	anew := !c.started && c.returning
	c.start()
	if !anew {
		c.queueReconnect()
	}
}

// queueReconnect queues OnReconnect, unless it waits already. The mutex is held.
func (c *Conn) queueReconnect() {
	if c.mux.greetsAgain() && !c.reconnects && !c.unlisted {
		c.reconnects = true
		c.pushLocked(task{kind: taskReconnect, size: taskOverhead})
	}
}

// connect runs the hub's OnConnect.
func (c *Conn) connect(t *task) {
	x := &Context{Context: t.context, Targets: c.targets(), conn: c}
	x.connecting = true
	x.trace(OperationConnect)
	_, err := c.protect("OnConnect", func() (any, error) { return nil, c.mux.connect(x) })
	x.end(err)
	if err == nil {
		c.mu.Lock()
		c.greet()
		c.mu.Unlock()
		return
	}
	if told(err) == nil {
		c.core.options.Log.Error("OnConnect failed", "connection", c.id, "hub", c.mux.Name(), "error", err)
	}
	c.close(closing{
		reason: CloseReason{Code: CodeNormal, Text: "refused by the hub"},
		err:    err, say: true, text: c.core.textClosed(err),
	})
}

// reconnect runs the hub's OnReconnect.
func (c *Conn) reconnect(t *task) {
	c.mu.Lock()
	c.reconnects = false
	c.mu.Unlock()
	x := &Context{Context: t.context, Targets: c.targets(), conn: c}
	x.trace(OperationReconnect)
	_, err := c.protect("OnReconnect", func() (any, error) {
		c.mux.reconnect(x)
		return nil, nil
	})
	x.end(err)
}

// disconnect runs the hub's OnDisconnect, as the last thing of a connection.
func (c *Conn) disconnect() {
	defer c.core.remove(c)
	c.mu.Lock()
	err, greeted := c.closeErr, c.greeted
	c.mu.Unlock()
	if !greeted || !c.mux.takesLeave() {
		return
	}
	// The calls' context has ended; what OnDisconnect publishes must not fail for that.
	x := &Context{Context: c.valued(c.core.context), Targets: c.targets(), conn: c}
	x.trace(OperationDisconnect)
	_, failed := c.protect("OnDisconnect", func() (any, error) {
		c.mux.disconnect(x, err)
		return nil, nil
	})
	x.end(failed)
}
