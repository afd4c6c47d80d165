package client

import (
	"io"
	"net/url"
	"strings"
	"time"
)

// What the tests put in the place of a platform.
type (
	Link     = link
	Carrier  = carrier
	Request  = request
	Response = response
)

// What a request is.
func (r *request) Method() string      { return r.method }
func (r *request) To() *url.URL        { return r.to }
func (r *request) Token() string       { return r.token }
func (r *request) Accept() string      { return r.accept }
func (r *request) ContentType() string { return r.kind }
func (r *request) Body() string        { return string(r.body) }

// Reasons that a State's Err may have.
var (
	ErrSilent       = errSilent
	ErrSlowHandlers = errSlowHandlers
	ErrNoAnswer     = errNoAnswer
	ErrClosedHere   = errClosedHere
	ErrForgotten    = errForgotten
	ErrMissed       = errMissed
)

// NewResponse is the answer to a request.
func NewResponse(code int, contentType, body string) *Response {
	return NewStream(code, contentType, io.NopCloser(strings.NewReader(body)))
}

// NewStream is an answer whose body may take its time.
func NewStream(code int, contentType string, body io.ReadCloser) *Response {
	return &response{code: code, kind: contentType, body: body}
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
func ParseNegotiation(body []byte) (token, redirect string, offers Transport, err error) {
	n, err := parseNegotiation(body)
	if err != nil {
		return "", "", 0, err
	}
	return n.ConnectionToken, n.URL, n.offers(false), nil
}

// NegotiateURL and SocketURL are the addresses that belong to the address of a
// hub.
func NegotiateURL(hub string) (string, error) {
	a, err := parseAddress(hub)
	if err != nil {
		return "", err
	}
	return a.negotiate(false).String(), nil
}

func SocketURL(hub, token string) (string, error) {
	a, err := parseAddress(hub)
	if err != nil {
		return "", err
	}
	return a.socket(token).String(), nil
}

// EventData takes the data out of a stream of server-sent events that comes in
// pieces of a length.
func EventData(stream []byte, piece int) (data []byte) {
	var e eventParser
	for len(stream) > 0 {
		p := append([]byte(nil), stream[:min(piece, len(stream))]...)
		stream = stream[len(p):]
		data = append(data, p[:e.strip(p)]...)
	}
	return data
}

// RefreshIn is how long after left has begun a refresh is due.
func RefreshIn(left time.Duration, draw func(n int64) int64) time.Duration {
	return refreshIn(left, draw)
}

// RefusalText is what is said of a refused negotiation.
func RefusalText(kind string, body []byte) error {
	return withWords(errNoAnswer, kind, body)
}
