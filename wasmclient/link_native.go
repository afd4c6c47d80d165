//go:build !js

package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/coder/websocket"
)

// nativeCarrier is net/http and coder/websocket.
type nativeCarrier struct {
	client *http.Client
	header http.Header
}

// newCarrier returns a carrier with connections of its own, so that none is left
// when it is closed.
func newCarrier(o *Options) carrier {
	transport := http.DefaultTransport
	if t, ok := transport.(*http.Transport); ok {
		transport = t.Clone()
	}
	return &nativeCarrier{client: &http.Client{Transport: transport}, header: o.Header}
}

func (n *nativeCarrier) Post(ctx context.Context, to *url.URL, token string) (*reply, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Header = n.headers(token)
	response, err := n.client.Do(request)
	if err != nil {
		return nil, withoutAddress(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxReply+1))
	if err != nil {
		return nil, err
	}
	return &reply{
		code: response.StatusCode,
		text: sentence(response.Header.Get("Content-Type"), body),
		body: body,
	}, nil
}

func (n *nativeCarrier) Dial(ctx context.Context, to *url.URL, token string) (link, error) {
	conn, response, err := websocket.Dial(ctx, to.String(), &websocket.DialOptions{
		HTTPClient: n.client,
		HTTPHeader: n.headers(token),
	})
	switch {
	case err == nil:
		// What limits a message is the protocol above: one frame may hold many.
		conn.SetReadLimit(-1)
		return &nativeLink{conn: conn}, nil
	case response != nil && response.StatusCode != http.StatusSwitchingProtocols:
		return nil, fmt.Errorf("the hub refuses it (%s)", response.Status)
	default:
		return nil, withoutAddress(err)
	}
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

// nativeLink is a WebSocket of coder/websocket. Reads and writes have no context
// of their own, since one that ends would close the connection; Close ends them.
type nativeLink struct {
	conn    *websocket.Conn
	message io.Reader // what is being read; nil: between two messages
}

func (l *nativeLink) Read(p []byte) (int, error) {
	for {
		if l.message == nil {
			_, r, err := l.conn.Reader(context.Background())
			if err != nil {
				return 0, ended(err)
			}
			l.message = r
		}
		n, err := l.message.Read(p)
		if errors.Is(err, io.EOF) {
			l.message, err = nil, nil
		}
		if n > 0 {
			return n, nil // an error comes again
		}
		if err != nil {
			return 0, ended(err)
		}
	}
}

func (l *nativeLink) Write(p []byte) error {
	return l.conn.Write(context.Background(), websocket.MessageText, p)
}

func (l *nativeLink) Close() {
	_ = l.conn.CloseNow() // that it was closed before is no news
}

// ended says in words how the link ended.
func ended(err error) error {
	if closed := (websocket.CloseError{}); errors.As(err, &closed) {
		return closedError(int(closed.Code), closed.Reason)
	}
	return fmt.Errorf("the connection to the hub broke: %w", err)
}
