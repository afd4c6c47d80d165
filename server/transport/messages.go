package transport

import (
	"errors"
	"maps"
	"net"
	"net/http"
	"slices"
	"unicode/utf8"

	"partline.dev/server/hub"
)

// SocketOptions say what another front door does with a WebSocket.
type SocketOptions struct {
	// MessageLimit is the longest message that the client may send, in bytes:
	// a longer one closes the socket with 1009. Zero: 64 KiB.
	MessageLimit int

	// Receive takes a message: text, whole, UTF-8. It is called in the
	// goroutine that reads, so the socket is not read on until it returns; it
	// may wait, at most until [Socket.Ended]. It keeps nothing of message, and
	// is not called after a close. An error closes the socket with 1002, if
	// nothing has closed it yet.
	Receive func(message []byte) error

	// Closed is called once, when nothing more comes: err says why, and is nil
	// if either side ended the socket in good order. What is queued may still
	// be on its way then.
	Closed func(err error)
}

// Socket is a WebSocket that carries whole text messages for another front door.
// Its methods may be called from any goroutine.
type Socket struct {
	socket  socket
	options SocketOptions
	message []byte // the beginning of one; the reader's alone
}

// codeUnsupported and codeNotText are close codes for what a socket does not
// carry (RFC 6455, section 7.4.1).
const (
	codeUnsupported = 1003
	codeNotText     = 1007
)

var (
	errBinary  = &breach{hub.CloseReason{Code: codeUnsupported, Text: "binary message"}, "the client sends binary messages"}
	errTooLong = &breach{hub.CloseReason{Code: hub.CodeTooLarge, Text: "message too large"}, "the client sends a message over the limit"}
	errNotText = &breach{hub.CloseReason{Code: codeNotText, Text: "message is not UTF-8"}, "the client sends text that is not UTF-8"}
	errMessage = &breach{hub.CloseReason{Code: hub.CodeProtocol, Text: "malformed message"}, "the client sends what it may not"}
)

// Upgrade makes r a WebSocket, which is read at once: Receive and Closed may be
// called before Upgrade has returned. Its messages are not compressed. Not ok: r
// cannot be one, and w is answered. Who may have one is the front door's to say
// ([Host.Admit], [Host.Identify], [Host.Enter]). Shutdown waits for it;
// [Entry.Cut] closes it, and what has not ended when Shutdown has no time left is
// cut.
func (h *Host) Upgrade(w http.ResponseWriter, r *http.Request, o SocketOptions) (s *Socket, ok bool) {
	if o.MessageLimit <= 0 {
		o.MessageLimit = 64 << 10
	}
	s = &Socket{options: o}
	s.socket.owner, s.socket.whole = s, true
	if h.upgrade(w, r, &s.socket, false) != nil {
		return nil, false
	}
	h.mu.Lock()
	h.sockets[s] = struct{}{}
	h.mu.Unlock()
	h.tasks.Go(s.socket.run)
	return s, true
}

// Send queues a frame that [TextFrame] made, which nobody may change afterwards. It
// gives hub.ErrOverflow if the [Options.QueueLimit] bytes of the socket are full,
// which take any frame while they are at most half full, and hub.ErrClosed after
// the end.
func (s *Socket) Send(frame []byte) error { return s.socket.outbox.enqueue(frame) }

// Room is nil while the queue is at most half full, and after the end. Else it is
// closed when there is room again or the socket ends.
func (s *Socket) Room() <-chan struct{} { return s.socket.outbox.Room() }

// Ended is closed when nothing more is queued: either side has closed the socket,
// or it was lost.
func (s *Socket) Ended() <-chan struct{} { return s.socket.outbox.sealing() }

// Close lets the client have what is queued and then a close frame, within
// [Options.CloseTimeout] each. Calls after the first do nothing.
func (s *Socket) Close(reason hub.CloseReason) { s.socket.outbox.Close(reason) }

// Abort ends the socket now, without a word.
func (s *Socket) Abort() { s.socket.outbox.abort() }

// takePiece and dropped are owner's.
func (s *Socket) takePiece(from link, p []byte, text, last bool) error {
	if sealed, _, _ := from.state(); sealed {
		return net.ErrClosed
	}
	switch {
	case !text:
		return errBinary
	case len(s.message)+len(p) > s.options.MessageLimit:
		return errTooLong
	case !last:
		s.message = append(s.message, p...)
		return nil
	}
	message := p
	if len(s.message) > 0 {
		message = append(s.message, p...)
		s.message = nil // an idle socket holds no buffer
	}
	if !utf8.Valid(message) {
		return errNotText
	}
	if err := s.options.Receive(message); err != nil {
		return errors.Join(errMessage, err)
	}
	return nil
}

func (s *Socket) dropped(_ link, cause error) (closed func(code int, lost bool)) {
	s.message = nil
	s.options.Closed(cause)
	return func(int, bool) {
		h := s.socket.host()
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.sockets, s)
	}
}

// eachSocket calls f for every socket of another front door that is open.
func (h *Host) eachSocket(f func(*Socket)) {
	h.mu.Lock()
	all := slices.Collect(maps.Keys(h.sockets))
	h.mu.Unlock()
	for _, s := range all {
		f(s)
	}
}

// TextFrame makes the payload that follows [hub.Headroom] free bytes of buf a
// WebSocket message of text, for any number of sockets. It writes into the
// headroom and returns a part of buf.
func TextFrame(buf []byte) []byte { return socketFrames.wrap(false, buf) }

// EventFrame makes the payload that follows [hub.Headroom] free bytes of buf a
// server-sent event. It may write into buf and return a part of it.
func EventFrame(buf []byte) []byte { return eventFrames.wrap(false, buf) }
