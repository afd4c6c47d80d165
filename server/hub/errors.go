package hub

import (
	"errors"
	"fmt"
	"reflect"

	"partline.dev/shared/access"
	"partline.dev/shared/wire"
)

// Error is an error whose message reaches the client. Every other error that a
// handler returns stays inside, but an [*access.Refusal]: the client hears that the
// call failed, the log says why.
type Error struct {
	Message string

	// Data is what a client of SignalR 2 gets beside the message, as error.data,
	// encoded by the plan of its type. Nil: nothing.
	Data any
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Errorf returns an [Error] with a formatted message.
func Errorf(format string, args ...any) error {
	return &Error{Message: fmt.Sprintf(format, args...)}
}

// What the core refuses, besides [ErrOverflow] and [ErrClosed].
var (
	// ErrUnknownHub: no hub of that name is mounted.
	ErrUnknownHub = errors.New("no hub of that name")

	// ErrDraining: the core is closing and takes no new connection.
	ErrDraining = errors.New("the hub is shutting down")

	// ErrNotMounted: the Mux has no core yet; call Core.Mount first.
	ErrNotMounted = errors.New("the hub is not mounted")

	// ErrForeign: the event, method or target belongs to another hub.
	ErrForeign = errors.New("it belongs to another hub")

	// ErrTooManyGroups: the connection is in Options.MaxGroups groups.
	ErrTooManyGroups = errors.New("the connection is in as many groups as it may be")

	// ErrUnauthorized: the hub does not let that principal connect.
	ErrUnauthorized = errors.New("the hub does not allow it")

	// ErrUnknownEvent: the hub has no event of that name.
	ErrUnknownEvent = errors.New("no event of that name")

	// ErrUnknownConnection: no such connection is open on this hub.
	ErrUnknownConnection = errors.New("no connection with that id")

	// ErrDuplicateConnection: a connection with that id is open on the hub.
	ErrDuplicateConnection = errors.New("a connection with that id is open already")
)

// told is what of err its client may read; nil: nothing.
func told(err error) *Error {
	if public := (*Error)(nil); errors.As(err, &public) {
		return public
	}
	if refusal := (*access.Refusal)(nil); errors.As(err, &refusal) {
		return &Error{Message: refusal.Error()}
	}
	return nil
}

// detail is what a client may read of err after the fixed text of a failure.
func (c *Core) detail(err error) string {
	if public := told(err); public != nil {
		return " HubException: " + public.Message
	}
	client := (*ClientError)(nil)
	fromClient := errors.As(err, &client)
	switch {
	case fromClient && client.answer:
		return " HubException: " + client.Message
	case fromClient && c.options.DetailedErrors:
		return " Exception: " + client.Message
	case c.options.DetailedErrors:
		return " " + typeName(err) + ": " + err.Error()
	}
	return ""
}

// typeName is what a detailed error calls err: the name of its type, where that
// is exported.
func typeName(err error) string {
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if name := t.Name(); name != "" && 'A' <= name[0] && name[0] <= 'Z' {
		return name
	}
	return "Error"
}

// The texts that SignalR's clients and their tests match, to the letter.

func textUnknownMethod(target string) string {
	return "Unknown hub method '" + target + "'"
}

func (c *Core) textBinding(target string, err error) string {
	text := "Failed to invoke '" + target + "' due to an error on the server."
	if c.options.DetailedErrors {
		text += " InvalidDataException: " + err.Error()
	}
	return text
}

func (c *Core) textInvocation(target string, err error) string {
	return "An unexpected error occurred invoking '" + target + "' on the server." + c.detail(err)
}

func textUnauthorized(target string) string {
	return "Failed to invoke '" + target + "' because user is unauthorized"
}

func textIDInUse(id string) string { return "Invocation ID '" + id + "' is already in use." }

func (c *Core) textStreaming(err error) string {
	return "An error occurred on the server while streaming results." + c.detail(err)
}

func textNoStream(target string) string {
	return "The value returned by the streaming method '" + target + "' is not a ChannelReader<> or IAsyncEnumerable<>."
}

func textTakesStreams(target string) string {
	return "The method '" + target + "' takes a stream from its caller, which this client cannot send."
}

func textAStream(target string) string {
	return "The client attempted to invoke the streaming '" + target + "' method with a non-streaming invocation."
}

func textNotAStream(target string) string {
	return "The client attempted to invoke the non-streaming '" + target + "' method with a streaming invocation."
}

func (c *Core) textClosed(err error) string {
	return "Connection closed with an error." + c.detail(err)
}

func (c *Core) textMalformed(err error) string {
	text := "Connection closed with an error."
	if !c.options.DetailedErrors {
		return text
	}
	why := err.Error()
	if errors.Is(err, wire.ErrTooLarge) {
		why = fmt.Sprintf("The maximum message size of %dB was exceeded. The message size can be configured in AddHubOptions.", c.options.MessageLimit)
	}
	return text + " InvalidDataException: " + why
}
