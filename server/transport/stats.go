package transport

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
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

	// RefusedBy is the total of those that were refused with a code, by code. An
	// authority may have codes of its own; after the first 64 all others count as
	// "other".
	RefusedBy map[access.Code]int64

	// Open are the connections that are open now, by transport.
	Open map[front.Transports]int64

	// Closes is the total of links closed, by reason: normal, going away,
	// protocol, policy, too large, internal, try again later, lost (the peer
	// was gone) or other.
	Closes map[string]int64

	// EnteredOpen and EnteredCloses are those of them that came in by another
	// front door, with [Host.Enter].
	EnteredOpen   map[front.Transports]int64
	EnteredCloses map[string]int64
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

	own, entered linkStats
	codes        codeStats
}

// codeStats counts refusals by code. The zero value is ready.
type codeStats struct {
	mu sync.Mutex // Protects n.
	n  map[access.Code]int64
}

// Codes are counted each for itself as long as there are not more of them.
const (
	manyCodes             = 64
	otherCode access.Code = "other"
)

func (s *codeStats) add(code access.Code) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n == nil {
		s.n = map[access.Code]int64{}
	}
	if _, known := s.n[code]; !known && len(s.n) >= manyCodes {
		code = otherCode
	}
	s.n[code]++
}

func (s *codeStats) now() map[access.Code]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.n)
}

// linkStats are the counters of the links of one front door, or of all others.
type linkStats struct {
	links  [front.LongPolling + 1]atomic.Int64 // by transport
	closes [closeReasons]atomic.Int64
}

// stats are the counters in which p is counted.
func (p *Place) stats() *linkStats {
	if _, entered := p.who.(guest); entered {
		return &p.host.stats.entered
	}
	return &p.host.stats.own
}

// open counts a connection, until gone.
func (s *linkStats) open(t front.Transports) { s.links[t].Add(1) }
func (s *linkStats) gone(t front.Transports) { s.links[t].Add(-1) }

// closed counts a closed link. A lost one had no close frame of either side.
func (s *linkStats) closed(code int, lost bool) {
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
		RefusedBy:    h.stats.codes.now(),
		BytesIn:      h.stats.bytesIn.Load(),
		BytesOut:     h.stats.bytesOut.Load(),
		Open:         make(map[front.Transports]int64),
		Closes:       make(map[string]int64, closeReasons),

		EnteredOpen:   make(map[front.Transports]int64),
		EnteredCloses: make(map[string]int64, closeReasons),
	}
	for _, t := range front.Transports(0).List() {
		s.EnteredOpen[t] = h.stats.entered.links[t].Load()
		s.Open[t] = h.stats.own.links[t].Load() + s.EnteredOpen[t]
		s.Links += s.Open[t]
	}
	for i, name := range closeNames {
		s.EnteredCloses[name] = h.stats.entered.closes[i].Load()
		s.Closes[name] = h.stats.own.closes[i].Load() + s.EnteredCloses[name]
	}
	return s
}

// Ended says how a connection ended, in the words of SignalR's metric
// signalr.server.connection.duration.
type Ended struct {
	Hub       string // or the name of another front door's [Entry]
	Transport front.Transports
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
