// Package handshake is how a connection of ASP.NET Core SignalR begins, on every kind
// of link: the client's first record names a protocol and its version, and the server
// agrees, or says why not.
//
//	begun, refused := handshake.Read(partial, find)
//	switch {
//	case refused != nil:
//		// send refused.Reply(nil), and close with refused.Reason
//	case !begun.Done:
//		// keep partial, and wait for more
//	}
//	// send handshake.Agree(nil); begun.Rest belongs to the hub protocol
//
// Nothing here has state or blocks.
package handshake

import (
	"errors"
	"fmt"

	"partline.dev/server/hub"
	"partline.dev/shared/access"
	"partline.dev/shared/wire"
)

// MaxVersion is the newest version of the hub protocol. Version 2 is version 1 for a
// client that did not negotiate stateful reconnect, and a client that did can still
// decline it by version 1.
const MaxVersion = 2

// The texts that SignalR's clients know.
const (
	textCanceled = "Handshake was canceled."
	textFailed   = "An unexpected error occurred during connection handshake."
	textNoBinary = "Cannot use the '%s' protocol on the current transport. The transport does not support 'Binary' transfer format."
)

// Begun is what a client has said so far.
type Begun[P any] struct {
	Done     bool // its record is whole; else there is nothing more here
	Protocol P    // as find gave it
	Version  int
	Rest     []byte // what follows the record
}

// Refusal is why a handshake fails.
type Refusal struct { //nolint:errname // it is an answer to the client, too
	Text   string          // for the client
	Reason hub.CloseReason // with which the link ends
	Err    error           // for the log
}

// Error is the text of what went wrong, for the log.
func (r *Refusal) Error() string { return r.Err.Error() }

// Unwrap is what went wrong.
func (r *Refusal) Unwrap() error { return r.Err }

// Reply appends the answer that refuses.
func (r *Refusal) Reply(dst []byte) []byte { return wire.AppendHandshakeReply(dst, r.Text) }

// Agree appends the answer to a handshake that was right.
func Agree(dst []byte) []byte { return wire.AppendHandshakeReply(dst, "") }

// Err is what refusals wrap that are no fault of reading.
var Err = errors.New("the handshake was refused")

// Read reads partial, all that the client has sent. Find gives what the server knows
// of a protocol by its name.
func Read[P any](partial []byte, find func(protocol string) (p P, ok bool)) (b Begun[P], refused *Refusal) {
	asked, rest, whole, err := wire.ReadHandshake(partial)
	switch {
	case errors.Is(err, wire.ErrTooLarge):
		return b, &Refusal{textCanceled, hub.CloseReason{Code: hub.CodeTooLarge, Text: "handshake too long"}, err}
	case err != nil:
		return b, &Refusal{textFailed, hub.CloseReason{Code: hub.CodeProtocol, Text: "malformed handshake"}, err}
	case !whole:
		return b, nil
	}
	protocol, ok := find(asked.Protocol)
	if !ok {
		text := fmt.Sprintf("The protocol '%s' is not supported.", asked.Protocol)
		return b, &Refusal{text, hub.CloseReason{Text: "unknown protocol"}, Err}
	}
	if asked.Version > MaxVersion {
		text := fmt.Sprintf("The server does not support version %d of the '%s' protocol.", asked.Version, asked.Protocol)
		return b, &Refusal{text, hub.CloseReason{Text: "unknown version"}, Err}
	}
	return Begun[P]{Done: true, Protocol: protocol, Version: asked.Version, Rest: rest}, nil
}

// NoBinary refuses a binary protocol on a link that carries text only.
func NoBinary(protocol string) *Refusal {
	return &Refusal{fmt.Sprintf(textNoBinary, protocol), hub.CloseReason{Text: "binary protocol on a text transport"}, Err}
}

// TimedOut refuses a client that has said nothing, or not enough, for too long.
func TimedOut() *Refusal {
	return &Refusal{textCanceled, hub.CloseReason{Code: hub.CodePolicy, Text: "handshake timeout"}, Err}
}

// TurnedAway is what a client hears whose handshake was right but for which the core
// has no connection, because of err.
func TurnedAway(err error) wire.Message {
	m := wire.Message{Kind: wire.Close}
	var public *access.Refusal
	switch {
	case errors.Is(err, hub.ErrDraining):
		m.AllowReconnect = true
	case errors.As(err, &public):
		m.HasError, m.Error = true, []byte(public.Error())
		m.AllowReconnect = public.Code == access.CodeConnections // when there is room
	default:
		m.HasError, m.Error = true, []byte("Connection closed with an error.")
	}
	return m
}
