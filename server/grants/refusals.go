package grants

import (
	"fmt"

	"partline.dev/shared/access"
)

// What clients are told. It never says more than a stranger may know.
var (
	ErrSession = &access.Refusal{Code: access.CodeSession, Message: "This session has ended."}
	ErrToken   = &access.Refusal{Code: access.CodeToken, Message: "This token is not taken."}
	ErrRevoked = &access.Refusal{Code: access.CodeRevoked, Message: "You may not be here any more."}
)

// refused is a refusal with what only the log is told.
type refused struct {
	*access.Refusal
	reason error
}

func (r *refused) Error() string { return r.Refusal.Error() + " " + r.reason.Error() }

// Unwrap is what the client is told.
func (r *refused) Unwrap() error { return r.Refusal }

// Because adds the reason to a refusal: an error that wraps told. Nothing that a
// client sent may stand in it as it is, and no token at all.
func Because(told *access.Refusal, format string, args ...any) error {
	return &refused{told, fmt.Errorf(format, args...)}
}
