package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/coder/websocket"
)

// classic opens connections of jQuery SignalR 2.
type classic struct {
	transport *http.Transport
	client    *http.Client
	base, way string
	query     url.Values // of every request
}

func newClassic(base, way, hub string, n int) *classic {
	t := &http.Transport{MaxIdleConnsPerHost: n + atOnce}
	data := fmt.Sprintf(`[{"name":%q}]`, strings.ToLower(hub))
	return &classic{
		transport: t, client: &http.Client{Transport: t}, base: base, way: way,
		query: url.Values{"clientProtocol": {"2.1"}, "connectionData": {data}},
	}
}

// classicConn is one of them.
type classicConn struct {
	*classic
	query   string
	cursor  string
	socket  *websocket.Conn // nil: it polls
	aborted atomic.Bool
}

// dial negotiates, connects and starts.
func (c *classic) dial(ctx context.Context) (held, error) {
	var negotiated struct{ ConnectionToken string }
	if err := c.ask(ctx, "GET", "negotiate", c.query.Encode(), nil, &negotiated); err != nil {
		return nil, err
	}
	query := url.Values{"connectionToken": {negotiated.ConnectionToken}, "transport": {c.way}}
	conn := &classicConn{classic: c, query: c.query.Encode() + "&" + query.Encode()}
	if err := conn.connect(ctx); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	var started struct{ Response string }
	if err := c.ask(ctx, "GET", "start", conn.query, nil, &started); err != nil {
		return nil, err
	}
	if started.Response != "started" {
		return nil, fmt.Errorf("the start is answered by %q", started.Response)
	}
	return conn, nil
}

// connect opens the link and takes the first word.
func (c *classicConn) connect(ctx context.Context) error {
	var first struct {
		C string
		S int
	}
	if c.way == "longPolling" {
		if err := c.ask(ctx, "POST", "connect", c.query, url.Values{}, &first); err != nil {
			return err
		}
	} else {
		ws, _, err := websocket.Dial(ctx, c.base+"/connect?"+c.query, nil)
		if err != nil {
			return err
		}
		_, message, err := ws.Read(ctx)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(message, &first); err != nil {
			return err
		}
		c.socket = ws
	}
	if first.S != 1 {
		return fmt.Errorf("the first word is %+v", first)
	}
	c.cursor = first.C
	return nil
}

func (c *classicConn) read(ctx context.Context, hear func([]byte)) error {
	if c.socket != nil {
		return readSocket(ctx, c.socket, hear)
	}
	for {
		var polled struct {
			C string
			M []json.RawMessage
		}
		err := c.ask(ctx, "POST", "poll", c.query, url.Values{"messageId": {c.cursor}}, &polled)
		if c.aborted.Load() {
			return nil // whatever the hub says to a poll that is not waited for
		}
		if err != nil {
			return err
		}
		for _, message := range polled.M {
			hear(message)
		}
		c.cursor = polled.C
	}
}

// keep has nothing to do: a poll that waits and the hub's own keep-alive show that
// both are there.
func (c *classicConn) keep(context.Context) error { return nil }

func (c *classicConn) close(ctx context.Context) error {
	c.aborted.Store(true)
	return c.ask(ctx, "POST", "abort", c.query, url.Values{}, nil)
}

// ask makes a request and reads its reply into v, if that is not nil.
func (c *classic) ask(ctx context.Context, method, action, query string, form url.Values, v any) error {
	r, err := http.NewRequestWithContext(ctx, method, c.base+"/"+action+"?"+query, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	}
	res, err := c.client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", action, err)
	case res.StatusCode != http.StatusOK:
		return fmt.Errorf("%s: %s: %s", action, res.Status, body)
	case v == nil:
		return nil
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("%s: %w in %.200q", action, err, body)
	}
	return nil
}
