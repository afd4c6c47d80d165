package transport

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"partline.dev/server/front"
	"partline.dev/server/hub"
)

// longPoll is the link of a client that polls: each request takes what is there,
// or waits for something. What the client sends comes by POST. Between two polls
// it is a mailbox and a timer.
type longPoll struct {
	mailbox
	connection *connection
	turn       chan struct{} // filled while a poll fetches
	timer      timer         // until the next poll must have come

	// The backlog's mutex protects following.
	current *poll // the latest one; nil between two
	due     int64 // when the next one must have come, in ms
	over    bool  // no poll comes any more
}

// poll is one waiting request.
type poll struct {
	reply    *Reply
	replaced chan struct{} // closed when another came, or nothing is left to wait for
}

var errNoPoll = errors.New("the client has not polled for too long")

// servePoll answers a poll. The first one opens the connection and is answered
// at once, with nothing: only then does a client send its handshake.
func (h *Handler) servePoll(w http.ResponseWriter, r *http.Request) *front.Refusal {
	header := w.Header()
	header.Set("Cache-Control", "no-cache, no-store")
	header.Set("Pragma", "no-cache")
	header.Set("Expires", "Thu, 01 Jan 1970 00:00:00 GMT")
	c, fresh, refused := h.claim(r, front.LongPolling, func(c *connection) {
		l := &longPoll{connection: c, turn: make(chan struct{}, 1)}
		l.init(h.host, noFrames)
		l.timer.f = l.expire
		l.wake = l.deliverOrExpire
		c.link = l
		c.posts = make(chan struct{}, 1)
	})
	if refused != nil {
		return refused
	}
	if fresh {
		c.begin()
		h.host.place(c)
	}
	l := c.link.(*longPoll)
	if !fresh {
		return l.poll(w, r)
	}
	l.mu.Lock()
	l.await()
	l.mu.Unlock()
	writePoll(w, http.StatusOK, "application/octet-stream")
	return nil
}

// writePoll answers a poll with an empty body.
func writePoll(w http.ResponseWriter, status int, contentType string) {
	w.Header().Set("Content-Type", contentType)
	if status != http.StatusNoContent {
		w.Header().Set("Content-Length", "0")
	}
	w.WriteHeader(status)
}

// poll answers every poll but the first.
func (l *longPoll) poll(w http.ResponseWriter, r *http.Request) *front.Refusal {
	if !l.host.polls.add() {
		return errPolls
	}
	defer l.host.polls.remove()
	p := &poll{reply: l.host.NewReply(w, r), replaced: make(chan struct{})}
	defer p.reply.End()
	if !l.begin(p) {
		return front.ErrUnknownID
	}
	defer l.leave(p)
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-p.replaced:
		writePoll(w, http.StatusNoContent, "text/plain")
		return nil
	case <-r.Context().Done():
		return nil
	}
	l.answer(p)
	return nil
}

// answer waits for what there is to say and says it.
func (l *longPoll) answer(p *poll) {
	w := p.reply.w
	if mail := l.mail(); mail != nil {
		timeout := time.NewTimer(l.host.options.PollTimeout)
		defer timeout.Stop()
		select {
		case <-mail:
		case <-p.replaced:
		case <-p.reply.r.Context().Done():
			return
		case <-timeout.C:
			writePoll(w, http.StatusOK, "text/plain")
			return
		}
	}
	select {
	case <-p.replaced: // what there is belongs to the poll that came after
		writePoll(w, http.StatusNoContent, "text/plain")
		return
	case <-p.reply.r.Context().Done(): // nobody would read it
		return
	default:
	}
	batch, last := l.fetch()
	switch {
	case batch.head != nil:
		l.write(p, &batch)
	case last:
		writePoll(w, http.StatusNoContent, "text/plain")
		l.end(nil, false)
	}
}

// write answers p with a batch. If that fails the batch is lost, and with it the
// connection: nobody knows what of it arrived.
func (l *longPoll) write(p *poll, batch *queue) {
	w := p.reply.w
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(batch.length()))
	defer batch.drop()
	for batch.head != nil {
		messages, cost, chunk := batch.gather()
		err := p.reply.Write(messages)
		if chunk != nil {
			chunks.Put(chunk)
		}
		l.fetched(cost)
		if err != nil {
			l.end(errors.Join(errLost, err), true)
			return
		}
	}
	if err := p.reply.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		l.end(errors.Join(errLost, err), true)
	}
}

// begin makes p the poll that is answered, in place of one that waits.
func (l *longPoll) begin(p *poll) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return false
	}
	l.host.wheel.unset(&l.timer)
	if l.current != nil {
		close(l.current.replaced)
	}
	l.current = p
	return true
}

// leave is the end of p: unless another poll has come, its time begins.
func (l *longPoll) leave(p *poll) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.current == p {
		l.current = nil
		l.await()
	}
}

// await gives the client its time for the next poll. The mutex is held.
func (l *longPoll) await() {
	if l.over || l.current != nil {
		return
	}
	wait := l.host.options.DisconnectTimeout
	if l.sealed {
		wait = l.host.options.CloseTimeout
	}
	l.due = l.host.wheel.now() + wait.Milliseconds()
	l.host.wheel.set(&l.timer, wait)
}

// deliverOrExpire is deliver; of a client that does not poll the rest is not kept
// for long.
func (l *longPoll) deliverOrExpire() {
	l.deliver()
	if l.sealed {
		l.await()
	}
}

// expire ends the link of a client that has not come back. It runs in the wheel's
// goroutine.
func (l *longPoll) expire() {
	l.mu.Lock()
	early := l.current != nil || l.host.wheel.now() < l.due
	l.mu.Unlock()
	if !early { // it may just have come back
		l.end(errNoPoll, true)
	}
}

// end ends the link: with cause, if that is not nil and nothing else has ended it
// before. Calls after the first do nothing.
func (l *longPoll) end(cause error, lost bool) {
	l.mu.Lock()
	if l.over {
		l.mu.Unlock()
		return
	}
	l.over = true
	l.host.wheel.unset(&l.timer)
	if l.current != nil {
		close(l.current.replaced)
		l.current = nil
	}
	if l.sealed {
		cause = l.err
	} else {
		l.shut(hub.CloseReason{}, cause)
	}
	code := l.reason.Code
	l.queue.drop()
	l.deliver()
	l.mu.Unlock()
	l.connection.hangUp(cause)
	l.host.close(l.connection, code, lost, cause)
}

// abort ends the link now, without a word.
func (l *longPoll) abort() {
	l.mu.Lock()
	p := l.current
	l.mu.Unlock()
	l.seal(goingAway, nil)
	l.end(nil, true)
	if p != nil {
		p.reply.Abort()
	}
}

// serveDelete ends a connection that polls, as its client asks.
func (h *Handler) serveDelete(w http.ResponseWriter, r *http.Request) *front.Refusal {
	c, refused := h.existing(r)
	switch {
	case refused == errNotOpen:
		return errDelete
	case refused != nil:
		return refused
	}
	l, ok := c.link.(*longPoll)
	if !ok {
		return errDelete
	}
	l.end(nil, false)
	writePoll(w, http.StatusAccepted, "text/plain")
	return nil
}
