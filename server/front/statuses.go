package front

import (
	"net/http"

	"partline.dev/shared/access"
)

// statuses are those of refusals, where it is not 403.
var statuses = map[access.Code]int{
	access.CodeTicketSpent:   http.StatusUnauthorized,
	access.CodeTicketExpired: http.StatusUnauthorized,
	access.CodeTicket:        http.StatusUnauthorized,
	access.CodeSession:       http.StatusUnauthorized,
	access.CodeToken:         http.StatusUnauthorized,
	access.CodeSignIn:        http.StatusUnauthorized,
	access.CodeExpired:       http.StatusUnauthorized,
	access.CodeRevoked:       http.StatusUnauthorized,
	access.CodeIdentifier:    http.StatusBadRequest,
	access.CodeRate:          http.StatusTooManyRequests,
	access.CodeConnections:   http.StatusTooManyRequests,
	access.CodeRooms:         http.StatusTooManyRequests,
}

// StatusOf is the HTTP status of a refusal with that code.
func StatusOf(code access.Code) int {
	if status, ok := statuses[code]; ok {
		return status
	}
	return http.StatusForbidden
}

// r
