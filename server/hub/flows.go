package hub

// flows are what a connection's client has still to send beside its calls. A
// connection has them from its first upload or query on, so an idle one holds
// nothing of it. The connection's mutex protects them.
type flows struct {
	uploads map[string]*upload // that are not over, by stream id
	queries map[string]*query  // that are not answered, by invocation id
	asked   int64              // queries so far
	bytes   int                // of all items that no handler has taken
	full    int                // uploads with as many items as they may have
	hungry  int                // handlers that wait for an item
	resting bool               // the timer of pause is set
}

// flowing returns the connection's flows. The mutex is held.
func (c *Conn) flowing() *flows {
	if c.flows == nil {
		c.flows = &flows{uploads: map[string]*upload{}, queries: map[string]*query{}}
	}
	return c.flows
}

// endFlows ends every upload and every query: the client sends no more.
func (c *Conn) endFlows(err error) {
	if c.flows == nil {
		return
	}
	for _, u := range c.flows.uploads {
		u.close(err)
	}
	clear(c.flows.uploads)
	for id, q := range c.flows.queries {
		delete(c.flows.queries, id)
		q.answered <- reply{err: err}
	}
}

// pauseTime is how long, in milliseconds, reading waits for a handler that is
// slow to take the items of its uploads, before it reads on: a cancel may stand
// behind them.
const pauseTime = 1_000

// full returns a channel to wait on before more is read, or nil.
func (c *Conn) full() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	limit := c.readLimit()
	stop := c.queue.bytes >= limit || c.flows != nil && c.flows.bytes >= limit
	if !stop && !c.lags() {
		return nil
	}
	if c.queue.room == nil {
		c.queue.room = make(chan struct{})
	}
	if !stop && !c.flows.resting {
		c.flows.resting = true
		c.core.env.After(pauseTime, c.rested)
	}
	return c.queue.room
}

// lags tells whether a handler is slow to take the items of an upload. While
// the hub waits for something else of the same client, it says nothing: what is
// waited for may stand behind those items.
func (c *Conn) lags() bool {
	f := c.flows
	return f != nil && f.full > 0 && f.hungry == 0 && len(f.queries) == 0
}

// rested ends the pause of a reader that waits for no more than a slow handler.
func (c *Conn) rested() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flows.resting = false
	c.letRead(c.readLimit())
}

// readOn lets a waiting reader go on, once there is room for what it reads.
func (c *Conn) readOn() {
	if !c.lags() {
		c.letRead(c.readLimit()/2 + 1)
	}
}

// letRead lets a waiting reader go on if fewer bytes than limit wait.
func (c *Conn) letRead(limit int) {
	q := &c.queue
	if q.room != nil && q.bytes < limit && (c.flows == nil || c.flows.bytes < limit) {
		close(q.room)
		q.room = nil
	}
}
