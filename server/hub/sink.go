package hub

import "errors"

// ErrOverflow is what a [Sink] gives when its queue holds all the bytes it may.
// The core then closes that connection, and no other notices.
var ErrOverflow = errors.New("the connection reads more slowly than messages arrive for it")

// ErrClosed is what a [Sink], a connection or the core gives after its close.
var ErrClosed = errors.New("the connection is closed")

// Sink is where a connection's messages go: the near end of a link. It is
// written by whoever serves the link and called by the core.
//
// All methods may be called from any goroutine, also at once, and never block:
// what cannot be written now is queued, bounded in bytes. Events reach the peer
// in the order of their Send calls.
type Sink interface {
	// Send queues e. It gives ErrOverflow when the queue is full and ErrClosed
	// after Close; then e was not queued. A queue that is at most half full
	// takes one event of any length.
	Send(e *Event) error

	// Room is nil while the queue is at most half full, and after Close. Else
	// it is closed when there is room again or the link ends. Whoever sends
	// what the peer asked for, and can wait, waits for it before each Send.
	Room() <-chan struct{}

	// Close lets the peer have what is queued, within a time of the link's
	// own, and then ends the link. Calls after the first do nothing.
	Close(reason CloseReason)
}

// CloseReason says why a link ends.
type CloseReason struct {
	// Code is a WebSocket close code (RFC 6455, section 7.4); other links
	// translate it. Zero means 1000, normal closure.
	Code int

	// Text is a short name for logs and the peer's close frame, at most 123
	// bytes. It is never the text of an internal error.
	Text string

	// Again tells that the peer may come back, as it was told if its protocol can
	// say that.
	Again bool
}

// The codes of a [CloseReason].
const (
	CodeNormal        = 1000 // all is well; the peer may come back
	CodeGoingAway     = 1001 // the server closes; come back elsewhere
	CodeProtocol      = 1002 // the peer broke the protocol
	CodePolicy        = 1008 // the peer may not do this
	CodeTooLarge      = 1009 // a message over the limit
	CodeInternal      = 1011 // the server failed
	CodeTryAgainLater = 1013 // too slow, or the server has too much to do
)
