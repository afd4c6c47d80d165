package classic_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/coder/websocket"
)

// way is a link of a client.
type way interface {
	next(ctx context.Context) (string, error)
	send(ctx context.Context, message string) error
	cut()
}

type socketWire struct {
	conn   *websocket.Conn
	cancel func()
}

func (w *socketWire) next(ctx context.Context) (string, error) {
	_, b, err := w.conn.Read(ctx)
	return string(b), err
}

func (w *socketWire) send(ctx context.Context, message string) error {
	return w.conn.Write(ctx, websocket.MessageText, []byte(message))
}

func (w *socketWire) cut() {
	w.cancel()
	_ = w.conn.CloseNow()
}

type eventWire struct {
	client *client
	body   io.ReadCloser
	lines  *bufio.Reader
	cancel func()
}

func (w *eventWire) next(context.Context) (string, error) {
	var data strings.Builder
	for {
		line, err := w.lines.ReadString('\n')
		if err != nil {
			return "", err
		}
		line = strings.TrimRight(line, "\r\n")
		if text, ok := strings.CutPrefix(line, "data: "); ok {
			data.WriteString(text)
		} else if line == "" && data.Len() > 0 {
			return data.String(), nil
		}
	}
}

func (w *eventWire) send(ctx context.Context, message string) error {
	return w.client.postMessage(ctx, message)
}

func (w *eventWire) cut() {
	w.cancel()
	_ = w.body.Close()
}

type pollWire struct {
	client *client
	action string
}

func (w *pollWire) next(ctx context.Context) (string, error) {
	form := url.Values{}
	if w.action != "connect" {
		form.Set("messageId", w.client.cursor)
	}
	if w.client.groups != "" {
		form.Set("groupsToken", w.client.groups)
	}
	status, body, err := w.client.do(ctx, http.MethodPost, w.action, nil, form)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s: %d %s", w.action, status, body)
	}
	if err == nil {
		w.action = "poll"
	}
	return body, err
}

func (w *pollWire) send(ctx context.Context, message string) error {
	return w.client.postMessage(ctx, message)
}

func (w *pollWire) cut() {}

// postMessage sends as the clients do whose link carries nothing of theirs.
func (c *client) postMessage(ctx context.Context, message string) error {
	status, body, err := c.do(ctx, http.MethodPost, "send", nil, url.Values{"data": {message}})
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("send: %d %s", status, body)
	}
	c.results = append(c.results, body)
	return err
}
