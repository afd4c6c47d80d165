package classic

import "net/http"

// refusal is why a request is not served, as its client hears it: plain text.
type refusal struct {
	status int
	text   string // empty: no body
}

// Error returns the text.
func (e *refusal) Error() string { return e.text }

// The refusals. The texts of protocol errors are SignalR's.
var (
	errTransport = &refusal{http.StatusBadRequest, "Protocol error: Unknown transport."}
	errNoToken   = &refusal{http.StatusBadRequest, "Protocol error: Missing connection token."}
	errToken     = &refusal{http.StatusBadRequest, "The ConnectionId is in the incorrect format."}
	errUser      = &refusal{http.StatusForbidden, "Unrecognized user identity.  The user identity cannot change during an active SignalR connection."}
	errJSONP     = &refusal{http.StatusForbidden, "Forbidden: JSONP is disabled."}
	errTwice     = &refusal{http.StatusInternalServerError, "Duplicate hub names found."}

	errPath           = &refusal{http.StatusNotFound, "There is nothing of SignalR 2 at this address."}
	errMethod         = &refusal{http.StatusMethodNotAllowed, "This method is not served here."}
	errConnectionData = &refusal{http.StatusBadRequest, "Protocol error: The connectionData is malformed."}
	errMessageID      = &refusal{http.StatusBadRequest, "Protocol error: The messageId is malformed."}
	errContentType    = &refusal{http.StatusUnsupportedMediaType, "The body must be application/x-www-form-urlencoded, in UTF-8."}
	errForm           = &refusal{http.StatusBadRequest, "The form is malformed."}
	errUpgrade        = &refusal{http.StatusBadRequest, "Not a valid web socket request."}
	errNoData         = &refusal{http.StatusBadRequest, "Protocol error: Missing data."}
	errInvalid        = &refusal{http.StatusBadRequest, "Protocol error: The message makes no sense."}
	errHandover       = &refusal{http.StatusUnauthorized, "This client cannot go on after its ticket was used up: use SignalR 2.4 or newer, or give the page a token that is good for many requests."}
	errForbidden      = &refusal{http.StatusForbidden, ""}
	errEnded          = &refusal{http.StatusBadRequest, "The connection has ended."}
	errEnding         = &refusal{errEnded.status, errEnded.text}
	errLater          = &refusal{http.StatusServiceUnavailable, "The connection cannot be opened now. Try again."}
	errStart          = &refusal{http.StatusInternalServerError, "The connection could not be started."}
	errSends          = &refusal{http.StatusTooManyRequests, "Too many calls of this connection are waiting."}
	errMessageLimit   = &refusal{http.StatusRequestEntityTooLarge, "The message is longer than the server takes."}
)

// unknownHub says that no hub of that name is here. It is SignalR's text.
func unknownHub(name string) *refusal {
	return &refusal{http.StatusInternalServerError, textUnknownHub(name)}
}
