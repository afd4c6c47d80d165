package hub

import "errors"

// errSilent is what OnDisconnect hears of a client that fell silent.
var errSilent = errors.New("the client has been silent for too long")

// textSilent is SignalR's text for it.
const textSilent = "Connection closed with an error. Client hasn't sent a message/ping within the configured ClientTimeoutInterval."

// textSlow is what the client of a full queue hears.
const textSlow = "Connection closed with an error. The client reads more slowly than messages arrive for it."

// watch sets the connection's one timer to the next moment at which its silence
// could matter.
func (c *Conn) watch() {
	now := c.core.env.Now()
	wait := c.sentAt.Load() + c.core.options.KeepAlive - now
	if c.quiet {
		wait = c.core.options.ClientTimeout
	}
	if c.pinged.Load() {
		wait = min(wait, c.heardAt.Load()+c.core.options.ClientTimeout-now)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed && !c.leaving {
		c.stop = c.core.env.After(max(wait, 1), c.checkSilence)
	}
}

// checkSilence pings a peer that has heard nothing for a while, and closes the
// connection of a client that has pinged before and is silent now. While its
// queue is full the link is not read, so silence then means nothing.
func (c *Conn) checkSilence() {
	now := c.core.env.Now()
	if c.pinged.Load() && now-c.heardAt.Load() >= c.core.options.ClientTimeout && !c.waits() {
		c.core.options.Log.Info("closed a silent connection", "connection", c.id, "hub", c.mux.Name())
		c.close(closing{
			reason: CloseReason{Code: CodeNormal, Text: "client timeout"},
			err:    errSilent, say: true, text: textSilent, allowReconnect: true,
		})
		return
	}
	if !c.quiet && now-c.sentAt.Load() >= c.core.options.KeepAlive {
		c.send(c.core.ping)
	}
	c.watch()
}

// waits tells whether the link is not being read because the queue is full.
func (c *Conn) waits() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.queue.room != nil {
		// The clock starts when reading does.
		c.heardAt.Store(c.core.env.Now())
		return true
	}
	return false
}
