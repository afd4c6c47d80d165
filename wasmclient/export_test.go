package client

import "time"

// What the tests put in the place of a platform.
type (
	Link    = link
	Carrier = carrier
	Reply   = reply
)

// Reasons that a State's Err may have.
var (
	ErrSilent       = errSilent
	ErrSlowHandlers = errSlowHandlers
	ErrNoAnswer     = errNoAnswer
	ErrClosedHere   = errClosedHere
)

// NewReply is an answer to Post.
func NewReply(code int, contentType, body string) *Reply {
	return &Reply{code: code, text: sentence(contentType, []byte(body)), body: []byte(body)}
}

// Use has c reach its hub by way of other.
func (c *Client) Use(other Carrier) {
	c.openCarrier = func(*Options) carrier { return other }
}

// Queued is how many bytes of events wait for their handlers.
func (c *Client) Queued() int {
	c.events.inbox.mu.Lock()
	defer c.events.inbox.mu.Unlock()
	return c.events.inbox.size
}

// Retries are waits drawn with draw, which returns a number from 0 to n-1.
func Retries(base, most time.Duration, draw func(n int64) int64) (next func() time.Duration, held func(time.Duration)) {
	r := newRetries(base, most)
	if draw != nil {
		r.draw = draw
	}
	return r.next, r.held
}

// Patience is the judge of silence: see patience.look.
func Patience(limit time.Duration) func(now, heard, due time.Duration) (time.Duration, bool) {
	p := patience{limit: limit}
	return p.look
}

// ParseNegotiation reads an answer to negotiate.
func ParseNegotiation(body []byte) (token string, err error) { return parseNegotiation(body) }

// NegotiateURL and SocketURL are the addresses that belong to the address of a
// hub.
func NegotiateURL(hub string) (string, error) {
	a, err := parseAddress(hub)
	if err != nil {
		return "", err
	}
	return a.negotiate().String(), nil
}

func SocketURL(hub, token string) (string, error) {
	a, err := parseAddress(hub)
	if err != nil {
		return "", err
	}
	return a.socket(token).String(), nil
}
