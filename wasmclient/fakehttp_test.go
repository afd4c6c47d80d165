package client_test

import (
	"bytes"
	"context"
	"io"
	"strings"

	client "partline.dev/wasmclient"
)

// exchange answers a request about a connection.
func (h *fakeHub) exchange(ctx context.Context, r *client.Request) (*client.Response, error) {
	h.mu.Lock()
	answer, conn := h.answer, h.byToken[strings.TrimPrefix(r.To().RawQuery, "id=")]
	h.mu.Unlock()
	if answer != nil {
		if own, err := answer(r); own != nil || err != nil {
			return own, err
		}
	}
	events := r.Accept() == "text/event-stream"
	switch {
	case conn == nil && r.Method() == "GET":
		t := client.LongPolling
		if events {
			t = client.ServerSentEvents
		}
		if err := h.open(ctx, t); err != nil {
			return nil, err
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		conn = h.newConn(t)
		if events {
			body := &eventsBody{ctx: ctx, link: fakeLink{conn}}
			body.framed.WriteString(":\r\n")
			return client.NewStream(200, "text/event-stream", body), nil
		}
		return client.NewResponse(200, "application/octet-stream", ""), nil
	case conn == nil:
		return client.NewResponse(404, "text/plain", "No Connection with that ID"), nil
	case r.Method() == "GET":
		return conn.poll(ctx)
	case r.Method() == "POST":
		if r.ContentType() != "text/plain;charset=UTF-8" {
			h.t.Errorf("a POST of %q", r.ContentType())
		}
		if err := (fakeLink{conn}).Write([]byte(r.Body())); err != nil {
			return client.NewResponse(404, "text/plain", "No Connection with that ID"), nil
		}
		return client.NewResponse(200, "text/plain", ""), nil
	case r.Method() == "DELETE" && conn.transport == client.LongPolling:
		fakeLink{conn}.Close()
		return client.NewResponse(202, "text/plain", ""), nil
	default:
		h.t.Errorf("a %s", r.Method())
		return client.NewResponse(405, "", ""), nil
	}
}

// poll answers one poll, with one piece of what the test sends.
func (c *fakeConn) poll(ctx context.Context) (*client.Response, error) {
	if len(c.reading) == 0 {
		select {
		case c.reading = <-c.toClient:
		case <-c.ended:
			if c.endErr != nil && c.endErr != io.EOF {
				return nil, c.endErr
			}
			return client.NewResponse(204, "", ""), nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	piece := string(c.reading)
	c.reading = nil
	return client.NewResponse(200, "application/octet-stream", piece), nil
}

// eventsBody is a stream of server-sent events.
type eventsBody struct {
	ctx    context.Context
	link   fakeLink
	framed bytes.Buffer
}

func (b *eventsBody) Read(p []byte) (int, error) {
	if b.framed.Len() == 0 {
		stop := context.AfterFunc(b.ctx, b.link.Close)
		defer stop()
		piece := make([]byte, 4096)
		n, err := b.link.Read(piece)
		if err != nil {
			return 0, err
		}
		b.framed.WriteString("data: ")
		b.framed.Write(bytes.ReplaceAll(piece[:n], []byte("\n"), []byte("\r\ndata: ")))
		b.framed.WriteString("\r\n\r\n")
	}
	return b.framed.Read(p)
}

func (b *eventsBody) Close() error {
	b.link.Close()
	return nil
}
