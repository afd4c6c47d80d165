package client

import (
	"context"
	"io"
	"net/url"
	"time"
)

// carrier is what a platform has to reach a hub with. What transports make of it
// is the same everywhere.
type carrier interface {
	// Do makes a request, and returns when the head of the answer is there,
	// whatever its code. Ctx ends the request and the body of the answer.
	Do(ctx context.Context, r *request) (*response, error)

	// Dial opens a WebSocket. Ctx ends only the attempt.
	Dial(ctx context.Context, to *url.URL, token string, binary bool) (link, error)

	// Close lets go of what was kept for later requests.
	Close()
}

// request is one request of HTTP.
type request struct {
	method string
	to     *url.URL // has the connection's secret: it stands in no error
	token  string   // the bearer token; empty: none
	accept string   // empty: anything
	kind   string   // the Content-Type of body; empty: there is no body
	body   []byte
}

// response is the answer to a request. Whoever gets it closes the body.
type response struct {
	code int
	kind string // its Content-Type
	body io.ReadCloser
}

// requestTimeout is how long a request may take whose answer is not a stream.
// Hubs hold a poll for 90 s.
const requestTimeout = 100 * time.Second

// finish reads the rest of an answer that is not looked at, so that its
// connection can be used again, and closes it.
func (r *response) finish() {
	_, _ = io.CopyN(io.Discard, r.body, maxReply) // what is longer is closed
	_ = r.body.Close()
}
