package wire

import (
	"errors"
	"fmt"
)

// What makes a message or a value impossible to read or to write; test with
// errors.Is. The texts say where and why, and hold nothing of the peer's but
// numbers.
var (
	// ErrTooLarge: a message has more bytes than the limit allows.
	ErrTooLarge = errors.New("the message is too large")

	// ErrMalformed: the bytes are not what the protocol's grammar allows.
	ErrMalformed = errors.New("the message is malformed")

	// ErrUTF8: text is not UTF-8, or has half of a surrogate pair.
	ErrUTF8 = errors.New("the text is not valid UTF-8")

	// ErrDepth: arrays and objects are nested deeper than [MaxDepth].
	ErrDepth = errors.New("the value is nested deeper than 64 levels")

	// ErrCount: an argument list has the wrong length. The error's text is the
	// sentence that SignalR clients know.
	ErrCount = errors.New("wrong argument count")

	// ErrType: a value is well-formed, but its type cannot hold it.
	ErrType = errors.New("the value does not fit the type")
)

// errWide is an [ErrType] for JSON whose numbers MessagePack has no room for.
var errWide = fmt.Errorf("%w: a number that 64 bits cannot hold", ErrType)

// countError is an [ErrCount] with the sentence of ASP.NET Core.
type countError struct{ provided, expected int }

func (e countError) Error() string {
	return fmt.Sprintf("Invocation provides %d argument(s) but target expects %d.", e.provided, e.expected)
}

func (countError) Unwrap() error { return ErrCount }

// malformed returns an ErrMalformed that says why.
func malformed(format string, a ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, a...))
}
