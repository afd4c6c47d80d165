package classic

import (
	"net/http"
	"strconv"
	"time"
)

// servePolled answers a poll: with what there is, or as soon as there is
// something, or with nothing when its time is over, when another poll has come or
// the connection ends. What the client does not get is not lost: its next poll
// has the same cursor.
func (h *Handler) servePolled(w http.ResponseWriter, r *http.Request, c *connection, f feed) {
	if !h.host.BeginPoll(w) {
		c.touch()
		return
	}
	defer h.host.EndPoll()
	reply := h.host.NewReply(w, r)
	defer reply.End()
	l := newPulled(f)
	if c.attach(&l) {
		defer c.detach(&l)
	} else {
		l.close(c.ended())
	}
	n, ok := l.await(r)
	if !ok {
		return
	}
	n.delay = h.options.PollDelay
	n.delayed = n.delay > 0
	body := n.append(make([]byte, 0, n.size()))
	w.Header().Set("Content-Type", jsonType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if reply.Write(body) == nil {
		_ = reply.Flush() // whether it arrived, the next poll tells
	}
}

// await is what the poll is answered with. Not ok: its client is gone.
func (l *pulled) await(r *http.Request) (n news, ok bool) {
	timeout := time.NewTimer(l.connection.handler.options.PollTimeout)
	defer timeout.Stop()
	for {
		select {
		case <-l.news:
		case <-l.over:
		case <-timeout.C:
			return l.empty(), true
		case <-r.Context().Done():
			return news{}, false
		}
		if l.isReplaced() {
			return l.empty(), true
		}
		if n, ok = l.take(); ok {
			return n, true
		}
		switch {
		case l.isReplaced(): // just now
			return l.empty(), true
		case l.isOver():
			n, _ = l.lastWord(l.last)
			return n, true
		}
	}
}
