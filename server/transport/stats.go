package transport

import (
	"sync/atomic"
	"time"

	"partline.dev/server/hub"
)

// Stats are the host's counters, for metrics. Totals count since the start.
type Stats struct {
	Links        int64 // connections open now, whichever way
	Handshaking  int64 // of them, not yet past the handshake
	Polls        int64 // long polls that wait now
	Pending      int64 // negotiated and not yet opened
	Negotiations int64 // total, answered with a connection
	Refused      int64 // total of requests refused before they were a connection
	BytesIn      int64 // total read from sockets and request bodies
	BytesOut     int64 // total written to sockets and replies

	// Open are the connections that are open now, by transport.
	Open map[Transports]int64

	// Closes is the total of links closed, by reason: normal, going away,
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
	handshaking, negotiations, refused, bytesIn, bytesOut atomic.Int64

	links  [LongPolling + 1]atomic.Int64 // by transport
	closes [closeReasons]atomic.Int64
}

// open counts a connection, until gone.
func (s *stats) open(t Transports) { s.links[t].Add(1) }
func (s *stats) gone(t Transports) { s.links[t].Add(-1) }

// closed counts a closed link. A lost one had no close frame of either side.
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
		Polls:        h.polls.n.Load(),
		Handshaking:  h.stats.handshaking.Load(),
		Pending:      int64(h.pending.count()),
		Negotiations: h.stats.negotiations.Load(),
		Refused:      h.stats.refused.Load(),
		BytesIn:      h.stats.bytesIn.Load(),
		BytesOut:     h.stats.bytesOut.Load(),
		Open:         make(map[Transports]int64, len(transportNames)),
		Closes:       make(map[string]int64, closeReasons),
	}
	for _, n := range transportNames {
		s.Open[n.transport] = h.stats.links[n.transport].Load()
		s.Links += s.Open[n.transport]
	}
	for i, name := range closeNames {
		s.Closes[name] = h.stats.closes[i].Load()
	}
	return s
}

// Ended says how a connection ended, in the words of SignalR's metric
// signalr.server.connection.duration.
type Ended struct {
	Hub       string // the name that its handler has; empty: a raw connection
	Transport Transports
	Status    EndStatus
	Duration  time.Duration // from the first request that opened it
}

// EndStatus is why a connection ended.
type EndStatus string

// The statuses. A connection that is closed for an error has ended normally, too.
const (
	EndNormal   EndStatus = "normal_closure"
	EndTimeout  EndStatus = "timeout"      // the client was gone
	EndShutdown EndStatus = "app_shutdown" // the server stops
)

func statusOf(code int, lost, stopping bool) EndStatus {
	switch {
	case lost:
		return EndTimeout
	case stopping || code == hub.CodeGoingAway:
		return EndShutdown
	}
	return EndNormal
}
