package classic

import (
	"strconv"
	"strings"
	"sync/atomic"

	"partline.dev/server/hub"
)

// maxSends is how many requests of one client may wait for an answer at once.
const maxSends = 64

// take does what a client says: it calls a method, or it is a chunk for the
// connection's function. Answer is called at most once, with what the caller of a
// method hears, behind hub.Headroom free bytes, and a number that the client should
// have all up to before, if it is not zero; nobody waits for an answer if it is not
// called although waits is false. A non-nil wait means that no more should be
// taken until it is closed. The error is for the log.
func (c *connection) take(message []byte, answer func(result []byte, after uint64)) (answered bool, wait <-chan struct{}, err error) {
	if c.handler.options.Raw != nil {
		return false, c.receiveRaw(message), nil
	}
	v, err := readInvocation(message)
	if err != nil {
		if v.id == "" {
			return false, nil, err
		}
		answer(appendFailure(room(), v.id, failure{text: err.Error()}, nil), 0)
		return true, nil, err
	}
	fail := func(f failure) (bool, <-chan struct{}, error) {
		if v.id != "" {
			answer(appendFailure(room(), v.id, f, nil), 0)
		}
		return v.id != "", nil, nil
	}
	m := c.handler.hubs[strings.ToLower(v.hub)]
	if m == nil {
		return fail(failure{text: textUnknownHub(v.hub)})
	}
	conn, err := c.on(m)
	if err != nil {
		return fail(c.handler.fails(v, hub.Answer{Err: err}))
	}
	call := hub.Call{Method: v.method, Arguments: v.arguments, Count: v.count, State: v.state}
	if v.id != "" {
		v.arguments, v.state = nil, nil // they are the reader's
		var reported atomic.Uint64      // a connection that ends answers while its method reports
		call.Answer = func(a hub.Answer) { answer(c.handler.result(v, a), reported.Load()) }
		call.Progress = func(value []byte) {
			if number, err := conn.Push(appendProgress(nil, v.id, value)); err == nil { // who has ended waits for none
				reported.Store(number)
			}
		}
	}
	wait, err = conn.Call(call)
	if err != nil {
		return fail(c.handler.fails(v, hub.Answer{Err: err}))
	}
	return v.id != "", wait, nil
}

// room is a buffer whose beginning is free for a frame's header.
func room() []byte { return make([]byte, hub.Headroom, 256) }

// result is what the caller of a method hears.
func (h *Handler) result(v invocation, a hub.Answer) []byte {
	if a.Err != nil {
		return appendFailure(room(), v.id, h.fails(v, a), a.State)
	}
	return appendResult(room(), v.id, a.Value, a.State)
}

// receive takes a message that came over l, and gives its answer there.
func (c *connection) receive(l *socketLink, message []byte) (wait <-chan struct{}) {
	_, wait, err := c.take(message, func(result []byte, _ uint64) { l.answer(result) }) // behind what came before
	if err != nil {
		c.handler.options.Log.Debug("skipped a message that makes no sense", "connection", c.name, "error", err)
	}
	return wait
}

// serveSend takes a message of a client whose link does not carry any, and answers
// with its result.
func (h *Handler) serveSend(q *request) *refusal {
	switch {
	case !q.hasData:
		return errNoData
	case len(q.data) > h.options.MessageLimit:
		return errMessageLimit
	}
	c, fresh, refused := h.reach(q, sending)
	if refused != nil {
		return refused
	}
	if fresh { // its client is on its way back, after a restart
		c.start(q.r)
	}
	if !c.beginSend() {
		return errSends
	}
	defer c.endSend()
	reply := h.host.NewReply(q.w, q.r) // it may have to wait longer than the HTTP server's times
	defer reply.End()
	results := make(chan []byte, 1)
	var reported uint64 // read after a result
	answered, wait, err := c.take([]byte(q.data), func(result []byte, after uint64) {
		reported = after
		results <- result
	})
	var body []byte
	switch {
	case answered:
		select {
		case result := <-results:
			body = result[hub.Headroom:]
			if reported > 0 {
				c.awaitHas(q.r.Context(), reported)
			}
		case <-q.r.Context().Done():
			return nil
		}
	case err != nil:
		return errInvalid
	case wait != nil:
		select {
		case <-wait:
		case <-q.r.Context().Done():
			return nil
		}
	}
	q.w.Header().Set("Content-Type", jsonType)
	q.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_ = reply.Write(body) // a client that is gone needs no answer
	return nil
}

// beginSend counts a request that waits for an answer.
func (c *connection) beginSend() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sends == maxSends {
		return false
	}
	c.sends++
	return true
}

func (c *connection) endSend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sends--
}
