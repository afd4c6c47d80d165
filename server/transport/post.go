package transport

import (
	"errors"
	"net"
	"net/http"

	"partline.dev/server/front"
)

// maxPosts is how many bodies of one connection may be on their way. SignalR's
// clients send the next one when the one before has been answered.
const maxPosts = 64

// servePost takes what a client of server-sent events or long polling sends: one
// body after another is one stream of bytes. It returns when all of the body has
// been handed on, so a client that waits for its answer is slowed down to what
// its connection can take.
func (h *Handler) servePost(w http.ResponseWriter, r *http.Request) *front.Refusal {
	c, refused := h.existing(r)
	if refused != nil {
		return refused
	}
	if c.posts == nil {
		return errPost
	}
	defer c.posting.Add(-1)
	if c.posting.Add(1) > maxPosts {
		return errPosts
	}
	reply := h.host.NewReply(w, r) // it may have to wait longer than the HTTP server's times
	defer reply.End()
	body := h.host.newBody(w, r, int64(h.host.options.PostLimit))
	taken := false
	body.wait(func() {
		select {
		case c.posts <- struct{}{}:
			taken = true
		case <-c.link.sealing():
			refused = c.tooLate()
		case <-r.Context().Done():
			refused = front.ErrBodyBroken
		}
	})
	if refused != nil {
		return refused
	}
	if taken {
		defer func() { <-c.posts }()
		if s, ok := c.link.(*eventStream); ok {
			s.bodies.Add(1)
		}
		if refused := c.takeBody(body, r.Context().Done()); refused != nil {
			return refused
		}
	}
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusOK)
	return nil
}

// tooLate is what a client hears that sends to a connection that has ended. The
// npm client pings over server-sent events while the hub may be turning it away:
// it hears of the end, and why, over its stream, and not that there is no such
// connection.
func (c *connection) tooLate() *front.Refusal {
	if s, ok := c.link.(*eventStream); ok {
		if _, _, cause := s.state(); cause == nil {
			return nil
		}
	}
	return front.ErrUnknownID
}

// takeBody hands on a body, piece by piece.
func (c *connection) takeBody(body *timedBody, gone <-chan struct{}) *front.Refusal {
	chunk := readChunks.Get().(*[readChunk]byte)
	defer readChunks.Put(chunk)
	for {
		n, err := body.read(chunk[:])
		if n > 0 {
			var e error
			body.wait(func() { e = c.take(c.link, chunk[:n], gone) })
			if errors.Is(e, net.ErrClosed) {
				return c.tooLate()
			}
			if e != nil {
				return nil // the connection ends, and its client hears why over its link
			}
		}
		if err != nil {
			return bodyRefusal(err)
		}
	}
}
