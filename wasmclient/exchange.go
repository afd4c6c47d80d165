package client

import (
	"context"
	"errors"
	"net/url"
)

// maxPost is how many bytes one request to the hub has. Proxies refuse bodies of
// more than 1 MB.
const maxPost = 64 << 10

// exchange makes the requests about one connection, for the transports that are
// made of requests.
type exchange struct {
	carrier carrier
	at      *url.URL // of the connection
	bearer  *bearer
	binary  bool
}

// do makes one request. If the hub does not take the token any more, it asks for
// another and makes the request once more.
func (x *exchange) do(ctx context.Context, method, accept string, body []byte) (*response, error) {
	r := &request{method: method, to: x.at, token: x.bearer.get(), accept: accept, body: body}
	if body != nil {
		r.kind = "text/plain;charset=UTF-8"
		if x.binary {
			r.kind = "application/octet-stream"
		}
	}
	answer, err := x.carrier.Do(ctx, r)
	if err != nil || answer.code != 401 {
		return answer, err
	}
	fresh, err := x.bearer.renew(ctx)
	if err != nil {
		_ = answer.body.Close()
		return nil, err
	}
	if !fresh {
		return answer, nil
	}
	answer.finish()
	r.token = x.bearer.get()
	return x.carrier.Do(ctx, r)
}

// send posts p, in as many requests as it takes, one after the other.
func (x *exchange) send(ctx context.Context, p []byte) error {
	for len(p) > 0 {
		piece := p[:min(len(p), maxPost)]
		p = p[len(piece):]
		if err := x.post(ctx, piece); err != nil {
			return err
		}
	}
	return nil
}

func (x *exchange) post(ctx context.Context, p []byte) error {
	ctx, cancel := context.WithTimeoutCause(ctx, requestTimeout, errNoAnswer)
	defer cancel()
	answer, err := x.do(ctx, "POST", "", p)
	if err != nil {
		return because(ctx, err)
	}
	defer answer.finish()
	if answer.code < 200 || answer.code > 299 {
		return refusal(answer)
	}
	return nil
}

// because is err, or why ctx ended, which says more.
func because(ctx context.Context, err error) error {
	if why := context.Cause(ctx); why != nil {
		return why
	}
	return err
}

// errEnded is the end of a connection that the hub has ended, without a word.
var errEnded = errors.New("the connection was closed by the hub")
