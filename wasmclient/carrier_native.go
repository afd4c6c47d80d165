//go:build !js

package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"partline.dev/shared/wire"
)

// nativeCarrier is net/http and coder/websocket.
type nativeCarrier struct {
	client *http.Client
	header http.Header
}

// socketsShowTokens: a WebSocket's token travels in its headers.
const socketsShowTokens = false

// newCarrier returns a carrier with connections of its own, so that none is left
// when it is closed.
func newCarrier(o *Options) carrier {
	transport := http.DefaultTransport
	if t, ok := transport.(*http.Transport); ok {
		transport = t.Clone()
	}
	return &nativeCarrier{client: &http.Client{Transport: transport}, header: o.Header}
}

// codecOf is the codec that the program chose.
func codecOf(o *Options) wire.Codec {
	if o.Codec == nil {
		return wire.JSON
	}
	return o.Codec
}

func (n *nativeCarrier) Do(ctx context.Context, r *request) (*response, error) {
	asked, err := http.NewRequestWithContext(ctx, r.method, r.to.String(), bytes.NewReader(r.body))
	if err != nil {
		return nil, withoutAddress(err)
	}
	if r.method == http.MethodGet {
		// What net/http takes for a body it does not send twice. Else it would
		// repeat a poll whose connection was cut, and what the hub has answered
		// would be missing.
		asked.Body, asked.GetBody = io.NopCloser(bytes.NewReader(nil)), nil
	}
	asked.Header = n.headers(r.token)
	if r.accept != "" {
		asked.Header.Set("Accept", r.accept)
	}
	if r.kind != "" {
		asked.Header.Set("Content-Type", r.kind)
	}
	answer, err := n.client.Do(asked) //nolint:bodyclose // whoever gets the response does
	if err != nil {
		return nil, withoutAddress(err)
	}
	return &response{code: answer.StatusCode, kind: answer.Header.Get("Content-Type"), body: answer.Body}, nil
}

func (n *nativeCarrier) Close() { n.client.CloseIdleConnections() }

func (n *nativeCarrier) headers(token string) http.Header {
	h := n.header.Clone()
	if h == nil {
		h = http.Header{}
	}
	if token != "" {
		h.Set("Authorization", "Bearer "+token)
	}
	return h
}

// withoutAddress takes the address from an error of net/http: with the
// connection's token it would tell a secret.
func withoutAddress(err error) error {
	if detail := (*url.Error)(nil); errors.As(err, &detail) {
		return detail.Err
	}
	return err
}
