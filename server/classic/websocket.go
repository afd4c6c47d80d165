package classic

import (
	"errors"
	"net/http"
	"strings"

	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// keepAliveFrame is what a WebSocket's client hears when there is nothing to say.
var keepAliveFrame = transport.TextFrame(append(make([]byte, hub.Headroom), keepAlive...))

// socketLink is the link of a client with a WebSocket: both directions.
type socketLink struct {
	feed
	ready  chan struct{} // closed when socket is set
	socket *transport.Socket

	// The connection's mutex protects following.
	waits  bool // for room
	sentAt int64
	stop   func() bool // the keep-alive timer
	tick   func()
	over   bool
}

// asksForSocket tells whether r means to become a WebSocket.
func asksForSocket(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// serveSocket makes r the WebSocket of c, which is told first, if that is not
// empty.
func (h *Handler) serveSocket(w http.ResponseWriter, r *http.Request, c *connection, f feed, first []byte) {
	l := &socketLink{feed: f, ready: make(chan struct{})}
	l.tick = l.keepAlive
	socket, ok := h.host.Upgrade(w, r, transport.SocketOptions{
		MessageLimit: h.options.MessageLimit,
		Receive:      l.receive,
		Closed:       l.closed,
	})
	if !ok {
		c.touch()
		return
	}
	l.socket = socket
	close(l.ready)
	if first != nil {
		_ = socket.Send(transport.TextFrame(append(make([]byte, hub.Headroom, hub.Headroom+len(first)), first...)))
	}
	if !c.attach(l) {
		l.close(c.ended())
		return
	}
	c.mu.Lock()
	over := l.over
	c.mu.Unlock()
	if over { // the client was quicker
		c.detach(l)
	}
}

// wake sends what there is, as long as the socket's queue has room.
func (l *socketLink) wake() {
	h := l.connection.handler
	for !l.over {
		if room := l.socket.Room(); room != nil {
			if !l.waits {
				l.waits = true
				h.env.Go(func() { l.await(room) })
			}
			return
		}
		n, ok := l.next()
		if !ok {
			break
		}
		l.send(n.framed(sharedFrame, transport.TextFrame))
		l.connection.told.upTo(n.cursor.number)
	}
	if l.stop == nil && !l.over {
		l.sentAt = h.env.Now()
		l.watch()
	}
}

// send queues a frame. One that the socket does not take is not lost: the client
// comes back with its cursor.
func (l *socketLink) send(frame []byte) {
	l.sentAt = l.connection.handler.env.Now()
	_ = l.socket.Send(frame)
}

// await goes on when there is room.
func (l *socketLink) await(room <-chan struct{}) {
	<-room
	l.connection.mu.Lock()
	defer l.connection.mu.Unlock()
	l.waits = false
	l.wake()
}

// watch sets the keep-alive timer. The mutex is held.
func (l *socketLink) watch() {
	h := l.connection.handler
	l.stop = h.env.After(max(l.sentAt+h.options.KeepAlive.Milliseconds()-h.env.Now(), 1), l.tick)
}

// keepAlive says that the link works, if nothing else has said so for a while.
func (l *socketLink) keepAlive() {
	h := l.connection.handler
	l.connection.mu.Lock()
	defer l.connection.mu.Unlock()
	if l.over {
		return
	}
	if h.env.Now()-l.sentAt >= h.options.KeepAlive.Milliseconds() {
		l.send(keepAliveFrame)
	}
	l.watch()
}

// answer sends the result of a call, behind all that the call has published. It
// waits for room: whoever asks for much and reads slowly is slowed.
func (l *socketLink) answer(result []byte) {
	c := l.connection
	frame := transport.TextFrame(result)
	for {
		c.mu.Lock()
		if !l.over {
			l.wake()
		}
		room := l.socket.Room()
		if room == nil {
			err := l.socket.Send(frame)
			c.mu.Unlock()
			if !errors.Is(err, hub.ErrOverflow) {
				return // if the link has ended, its client does not wait for results any more
			}
			continue
		}
		c.mu.Unlock()
		<-room
	}
}

// receive takes a message of the client's. It runs in the socket's reader, which
// waits while the connection can take no more.
func (l *socketLink) receive(message []byte) error {
	<-l.ready
	if wait := l.connection.receive(l, message); wait != nil {
		select {
		case <-wait:
		case <-l.socket.Ended():
		}
	}
	return nil
}

// closed is the end of the socket.
func (l *socketLink) closed(error) {
	<-l.ready
	l.end()
	l.connection.detach(l)
}

// end stops the link's timer.
func (l *socketLink) end() {
	l.connection.mu.Lock()
	defer l.connection.mu.Unlock()
	l.over = true
	if l.stop != nil {
		l.stop()
	}
}

// close ends the socket, when all that there is was queued. The client reconnects,
// unless it hears why it shall not.
func (l *socketLink) close(last *ending) {
	reason := hub.CloseReason{Code: hub.CodeNormal}
	if last != nil {
		reason.Code = last.code
		l.connection.mu.Lock()
		if !l.over {
			l.wake()
			if n, ok := l.lastWord(last); ok {
				l.send(n.framed(sharedFrame, transport.TextFrame))
			}
		}
		l.connection.mu.Unlock()
	}
	l.end()
	l.socket.Close(reason)
}
