//go:build !js

package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"

	"github.com/coder/websocket"
)

// resumeTries is how often the resumption of a connection is tried, within its
// time. The hub says if it has forgotten the connection.
const resumeTries = math.MaxInt

func (n *nativeCarrier) Dial(ctx context.Context, to *url.URL, token string, binary bool) (link, error) {
	conn, response, err := websocket.Dial(ctx, to.String(), &websocket.DialOptions{
		HTTPClient: n.client,
		HTTPHeader: n.headers(token),
	})
	switch {
	case err == nil:
		// What limits a message is the protocol above: one frame may hold many.
		conn.SetReadLimit(-1)
		return &nativeLink{conn: conn, kind: messageKind(binary)}, nil
	case response != nil && response.StatusCode == http.StatusNotFound:
		return nil, fmt.Errorf("the hub refuses it (%s): %w", response.Status, errForgotten)
	case response != nil && response.StatusCode != http.StatusSwitchingProtocols:
		return nil, fmt.Errorf("the hub refuses it (%s)", response.Status)
	default:
		return nil, withoutAddress(err)
	}
}

func messageKind(binary bool) websocket.MessageType {
	if binary {
		return websocket.MessageBinary
	}
	return websocket.MessageText
}

// nativeLink is a WebSocket of coder/websocket. Reads and writes have no context
// of their own, since one that ends would close the connection; Close ends them.
type nativeLink struct {
	conn    *websocket.Conn
	kind    websocket.MessageType
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
	return l.conn.Write(context.Background(), l.kind, p)
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
