package ui

import (
	"errors"
	"fmt"

	client "partline.dev/wasmclient"
)

// Reason says in the reader's language why a call did not do what it was asked
// for. A refusal with a code ([access.Refusal]) is in our words, and what else the
// hub says ([client.Error]) is passed on; the text of any other error is not for
// people and stays out.
func (l Lang) Reason(err error) string {
	t := l.Texts()
	if r, ok := refusal(err); ok {
		if words := l.refused(r.Code); words != "" {
			return words
		}
		return fmt.Sprintf(t.RefusedF, r.Message)
	}
	var refused *client.Error
	switch {
	case err == nil:
		return ""
	case errors.Is(err, client.ErrNotConnected):
		return t.NotConnected
	case errors.Is(err, client.ErrNotConfirmed):
		return t.NotConfirmed
	case errors.Is(err, client.ErrTooLarge):
		return t.TooLong
	case errors.As(err, &refused):
		return fmt.Sprintf(t.RefusedF, refused.Message)
	default:
		return t.NotDone
	}
}
