package page

import (
	"io"
	"net/http"
	"strings"
)

// Answer answers w with a line of text, for a program or for who looks.
func Answer(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}

// The lines of what every page's address may be answered with.
const (
	OnlyRead = "this address is only read: GET or HEAD"
	Nothing  = "there is nothing at this address"
)

// WantsPage tells whether r is a person's who opens a page; programs are told in a
// line.
func WantsPage(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}
