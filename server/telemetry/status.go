package telemetry

import (
	"net/http"
	"strings"
)

// isNegotiation tells whether r asks for a connection: its path, in any case,
// ends in /negotiate.
func isNegotiation(r *http.Request) bool {
	path := strings.TrimSuffix(r.URL.Path, "/")
	const last = "/negotiate"
	return len(path) >= len(last) && strings.EqualFold(path[len(path)-len(last):], last)
}

// statusWriter remembers the status of a reply.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader is http.ResponseWriter's.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets an http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
