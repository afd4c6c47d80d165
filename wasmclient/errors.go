package client

import (
	"errors"
	"fmt"
	"strings"

	"partline.dev/shared/access"
)

// What ends a call or a connection; test with errors.Is.
var (
	// ErrNotConnected: a call was made while there was no connection. Nothing
	// was sent.
	ErrNotConnected = errors.New("there is no connection to the hub, nothing was sent")

	// ErrNotConfirmed: the connection was lost before the hub answered. Whether
	// the call was carried out is not known.
	ErrNotConfirmed = errors.New("the connection was lost before the hub confirmed the call")

	// ErrTooLarge: a call, or a value of an upload, has more bytes than
	// Options.SendLimit. It was not sent.
	ErrTooLarge = errors.New("it is larger than the hub takes")

	// ErrTooSlow: a stream was given up because Options.QueueLimit bytes of its
	// values waited to be read while a call waited behind them.
	ErrTooSlow = errors.New("the values of the stream were not read in time")

	// ErrHubClosed: the hub closed the connection. What it said, if anything,
	// is an [*Error] beside it.
	ErrHubClosed = errors.New("the hub closed the connection")
)

// Error is what the hub said against a call or a connection. It was written to
// be shown to the caller.
type Error struct {
	// Code names the reason, for programs. Empty: the hub gave none.
	Code access.Code

	// Message is the hub's sentence.
	Message string
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// hubError returns what the hub said. An error that a handler meant for the
// client comes wrapped into a fixed sentence, after which the class of the
// exception tells it from others; the message is what the handler wrote. A refusal
// begins with its code.
func hubError(text []byte) *Error {
	const mark = ". HubException: "
	said := string(text)
	if _, message, ok := strings.Cut(said, mark); ok {
		said = message
	}
	if r, ok := access.ParseRefusal(said); ok {
		return &Error{Code: r.Code, Message: r.Message}
	}
	if said == "" {
		said = "the hub gave no reason"
	}
	return &Error{Message: said}
}

// Why a connection is given up from this side.
var (
	errSilent       = errors.New("the hub has been silent for too long")
	errSlowHandlers = errors.New("the handlers of events are too slow: a call waited behind a full queue")
	errNoAnswer     = errors.New("the hub took too long to answer")
	errClosedHere   = errors.New("the connection was closed from this side")
)

// closedError is the end of a WebSocket as its other end, or the browser, told
// it: a close code of RFC 6455 and a reason.
func closedError(code int, reason string) error {
	const noStatus, abnormal = 1005, 1006
	switch {
	case code == noStatus || code == abnormal:
		return errors.New("the connection broke")
	case reason == "":
		return fmt.Errorf("the connection was closed by the hub, code %d", code)
	default:
		return fmt.Errorf("the connection was closed by the hub: %s (code %d)", reason, code)
	}
}
