package transport

import (
	"net/http"
	"time"

	"partline.dev/server/front"
)

// Admit lets r in at a front door, before it has any effect: its origin must be
// allowed, and the page that sent it may then read the reply (CORS). Not ok: w is
// answered, with 403, or because r was a preflight. Name is what the front door
// leads to, for the log.
func (h *Host) Admit(w http.ResponseWriter, r *http.Request, name string) (ok bool) {
	policy := h.policy.Load()
	if err := policy.Check(r); err != nil {
		h.stats.refused.Add(1)
		if h.refusals.allow(h.wheel.now()) {
			h.options.Log.Warn("refused a request for its origin", "hub", name, "reason", err)
		}
		front.RefuseOrigin(w, err)
		return false
	}
	if policy.ShareWith(w, r) {
		return false // it was a preflight
	}
	h.limitBody(w)
	return true
}

// limitBody gives the client a time for a body that nobody reads, and that the
// HTTP server discards. Not every ResponseWriter has deadlines.
func (h *Host) limitBody(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(h.options.HandshakeTimeout))
}

// AllowNegotiation tells whether a connection may be negotiated by r. Not ok: w is
// answered, with 429 if the client's address negotiates too often or 503 if the
// host stops. It is asked before anything that costs more.
func (h *Host) AllowNegotiation(w http.ResponseWriter, r *http.Request) (ok bool) {
	if refused := h.mayNegotiate(h.options.ClientAddress(r)); refused != nil {
		h.refuse(w, refused)
		return false
	}
	return true
}

// mayNegotiate is AllowNegotiation for who answers by itself.
func (h *Host) mayNegotiate(address string) *front.Refusal {
	switch {
	case h.stopping():
		return errStopping
	case !h.rates.allow(address):
		return front.ErrRate
	}
	return nil
}

// Negotiated counts a negotiation that was answered with a connection.
func (h *Host) Negotiated() { h.stats.negotiations.Add(1) }

// BeginPoll counts a request that waits for something to say, until EndPoll. Not
// ok: as many wait as may ([Options.PollLimit]), and w is answered with 503.
func (h *Host) BeginPoll(w http.ResponseWriter) (ok bool) {
	if !h.polls.add() {
		h.refuse(w, errPolls)
		return false
	}
	return true
}

// EndPoll takes back one BeginPoll.
func (h *Host) EndPoll() { h.polls.remove() }

// Refuse answers a request with a status and exactly that text, and counts it
// among those that were refused.
func (h *Host) Refuse(w http.ResponseWriter, status int, text string) {
	h.refuse(w, &front.Refusal{Status: status, Text: text})
}
