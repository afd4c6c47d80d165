package transport

import (
	"errors"
	"net/http"
	"sync/atomic"

	"partline.dev/server/front"
	"partline.dev/server/hub"
)

// eventStream is the link of server-sent events: one response that does not end.
// What the client sends comes by POST.
type eventStream struct {
	mailbox
	reply     *Reply
	timer     timer        // the end of a client that does not read what was queued
	bodies    atomic.Int64 // that the client has sent
	buffering buffering
}

// serveEvents makes r a stream of events, and returns when it has ended. A client
// ends it by dropping its request; there is no other way.
func (h *Handler) serveEvents(w http.ResponseWriter, r *http.Request) *front.Refusal {
	s := &eventStream{reply: h.host.NewReply(w, r)}
	defer s.reply.End()
	s.timer.f = s.reply.Abort
	c, _, refused := h.claim(r, front.ServerSentEvents, func(c *connection) {
		s.init(h.host, eventFrames)
		s.wake = s.deliverOrHurry
		c.link = s
		c.posts = make(chan struct{}, 1)
	})
	if refused != nil {
		return refused
	}
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-cache,no-store")
	header.Set("Pragma", "no-cache")
	header.Set("Content-Encoding", "identity")
	header.Set("X-Accel-Buffering", "no") // nginx, and what does as it does
	header.Set("X-Content-Type-Options", "nosniff")
	c.begin()
	h.host.place(c)
	err := s.run(r)
	if err == nil && h.run == nil && !h.host.stopping() {
		s.linger()
	}
	s.end(c, err)
	return nil
}

// lingerTime is how long, in ms, a connection is there after its client was told
// of the end.
const lingerTime = 1000

// linger keeps the connection's place for what its client sent before it heard of
// the end.
func (s *eventStream) linger() {
	over := make(chan struct{})
	s.host.wheel.after(lingerTime, func() { close(over) })
	<-over
}

// firstEvent makes Firefox fire its open event, which waits for data.
const firstEvent = ":\r\n"

var errDropped = errors.New("the client dropped its request")

// run writes events until the stream ends: with nil when all that was queued is
// written, with errDropped, or because writing failed.
func (s *eventStream) run(r *http.Request) error {
	if err := s.write([]byte(firstEvent)); err != nil {
		return err
	}
	s.buffering.await(0)
	defer s.buffering.timer.Stop()
	for greeted := false; ; {
		if mail := s.mail(); mail != nil {
			select {
			case <-mail:
			case <-s.buffering.timer.C:
				if s.buffering.due(s.bodies.Load()) {
					if err := s.write(padding); err != nil {
						return err
					}
				}
				continue
			case <-r.Context().Done():
				return errDropped
			}
		}
		heard := s.bodies.Load()
		batch, last := s.fetch()
		empty := batch.head == nil
		if err := s.writeBatch(&batch); err != nil {
			return err
		}
		if last && empty {
			return nil
		}
		if !greeted {
			greeted = true
			s.buffering.await(heard)
		}
	}
}

// write sends some bytes at once.
func (s *eventStream) write(b []byte) error {
	if err := s.reply.Write(b); err != nil {
		return err
	}
	return s.reply.Flush()
}

// writeBatch writes events, many in one piece, and sends them.
func (s *eventStream) writeBatch(batch *queue) error {
	if batch.head == nil {
		return nil
	}
	defer batch.drop()
	for batch.head != nil {
		events, cost, chunk := batch.gather()
		err := s.reply.Write(events)
		if chunk != nil {
			chunks.Put(chunk)
		}
		s.fetched(cost)
		if err != nil {
			return err
		}
	}
	if s.buffering.certain {
		return s.write(padding)
	}
	return s.reply.Flush()
}

// deliverOrHurry is deliver; once the stream is sealed its client has so long to
// read the rest.
func (s *eventStream) deliverOrHurry() {
	s.deliver()
	if s.sealed {
		s.host.wheel.set(&s.timer, s.host.options.CloseTimeout)
	}
}

// end ends the link after run ended with err.
func (s *eventStream) end(c *connection, err error) {
	_, reason, cause := s.state()
	lost := err != nil && !errors.Is(err, errDropped)
	if lost && cause == nil {
		cause = errors.Join(errLost, err)
	}
	s.seal(hub.CloseReason{}, cause)
	s.empty()
	s.host.wheel.unset(&s.timer)
	c.hangUp(cause)
	s.host.close(c, reason.Code, lost, cause)
}

// abort ends the stream now, without a word.
func (s *eventStream) abort() {
	s.seal(goingAway, nil)
	s.reply.Abort()
}
