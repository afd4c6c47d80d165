package classic

import "sync/atomic"

// Stats are a handler's counters, for metrics: totals since the start. How many
// connections are open, and how they were closed, the host counts.
type Stats struct {
	Reconnects int64 // clients that came back to their connection by /reconnect
	Remade     int64 // connections that were made again for a client that came back, as after a restart
}

// counters are what [Stats] are read from.
type counters struct{ reconnects, remade atomic.Int64 }

// Stats returns the counters as they are now.
func (h *Handler) Stats() Stats {
	return Stats{Reconnects: h.counters.reconnects.Load(), Remade: h.counters.remade.Load()}
}
