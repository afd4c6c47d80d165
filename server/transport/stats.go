package transport

import (
	"sync/atomic"

	"partline.dev/server/hub"
)

// Stats are the host's counters, for metrics. Totals count since the start.
type Stats struct {
	Links        int64 // sockets open now
	Handshaking  int64 // of them, not yet past the handshake
	Pending      int64 // negotiated and not yet opened
	Negotiations int64 // total, answered with a connection
	Refused      int64 // total of requests refused before they were a connection
	BytesIn      int64 // total read from sockets
	BytesOut     int64 // total written to them

	// Closes is the total of sockets closed, by reason: normal, going away,
	// protocol, policy, too large, internal, try again later, lost (the peer
	// was gone) or other.
	Closes map[string]int64
}

// The reasons by which closes are counted.
const (
	closedOther = iota
	closedLost
	closedNormal
	closedGoingAway
	closedProtocol
	closedPolicy
	closedTooLarge
	closedInternal
	closedTryAgainLater
	closeReasons
)

var closeNames = [closeReasons]string{
	"other", "lost", "normal", "going away", "protocol", "policy", "too large", "internal", "try again later",
}

// stats are the counters behind [Stats].
type stats struct {
	links, handshaking, negotiations, refused, bytesIn, bytesOut atomic.Int64

	closes [closeReasons]atomic.Int64
}

// closed counts a closed socket. A lost one had no close frame of either side.
func (s *stats) closed(code int, lost bool) {
	reason := closedOther
	switch {
	case lost:
		reason = closedLost
	case code == 0 || code == hub.CodeNormal:
		reason = closedNormal
	case code == hub.CodeGoingAway:
		reason = closedGoingAway
	case code == hub.CodeProtocol:
		reason = closedProtocol
	case code == hub.CodePolicy:
		reason = closedPolicy
	case code == hub.CodeTooLarge:
		reason = closedTooLarge
	case code == hub.CodeInternal:
		reason = closedInternal
	case code == hub.CodeTryAgainLater:
		reason = closedTryAgainLater
	}
	s.closes[reason].Add(1)
}

// Stats returns the counters as they are now.
func (h *Host) Stats() Stats {
	s := Stats{
		Links:        h.stats.links.Load(),
		Handshaking:  h.stats.handshaking.Load(),
		Pending:      int64(h.pending.count()),
		Negotiations: h.stats.negotiations.Load(),
		Refused:      h.stats.refused.Load(),
		BytesIn:      h.stats.bytesIn.Load(),
		BytesOut:     h.stats.bytesOut.Load(),
		Closes:       make(map[string]int64, closeReasons),
	}
	for i, name := range closeNames {
		s.Closes[name] = h.stats.closes[i].Load()
	}
	return s
}
