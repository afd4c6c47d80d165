package front

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"

	"partline.dev/server/hub"
	"partline.dev/shared/access"
)

// Refusal is why a request is not answered with what it asks for, as its client
// hears it.
type Refusal struct { //nolint:errname // it is more often an answer than an error
	Status int         // of HTTP
	Text   string      // a sentence; empty: there is no body
	Retry  int         // seconds after which trying again makes sense; 0: it does not
	Code   access.Code // for a client that reads JSON, and for counters; empty: there is none
	Coded  bool        // the code stands before the text, too
}

// Error returns the text.
func (e *Refusal) Error() string { return e.Text }

// The refusals of requests to a hub's address. The texts about ids and methods are
// SignalR's.
var (
	ErrUnknownID    = &Refusal{Status: http.StatusNotFound, Text: "No Connection with that ID"}
	ErrNoID         = &Refusal{Status: http.StatusBadRequest, Text: "Connection ID required"}
	ErrPath         = &Refusal{Status: http.StatusNotFound, Text: "There is no hub at this address."}
	ErrMethod       = &Refusal{Status: http.StatusMethodNotAllowed, Text: "This method is not served here."}
	ErrRate         = &Refusal{Status: http.StatusTooManyRequests, Code: access.CodeRate, Text: "Your address negotiates too often. Try again later.", Retry: 5}
	errForbidden    = &Refusal{Status: http.StatusForbidden}
	errUnauthorized = &Refusal{Status: http.StatusUnauthorized} // the JavaScript client shows the status text if the body is empty
	errBody         = &Refusal{Status: http.StatusRequestEntityTooLarge, Text: "The body of a negotiate request has at most 4096 bytes."}
	errRequestLimit = &Refusal{Status: http.StatusRequestEntityTooLarge, Code: access.CodeRequest, Text: "The body of a negotiate request has at most 16384 bytes."}

	// ErrRequest is what a client hears whose body makes no sense.
	ErrRequest = &Refusal{Status: http.StatusBadRequest, Code: access.CodeRequest, Text: "The body of the negotiate request is not a JSON object of this server's."}

	// ErrBodyLimit and ErrBodyBroken are what it hears whose body is longer than
	// it may be, or broke off.
	ErrBodyLimit  = &Refusal{Status: http.StatusRequestEntityTooLarge, Text: "The body of the request is longer than the server takes. Send less at once."}
	ErrBodyBroken = &Refusal{Status: http.StatusBadRequest, Text: "The body of the request could not be read."}
)

// ErrLater is what an [Authority] gives, wrapped or not, that could not find out
// whether the client may come in.
var ErrLater = &Refusal{Status: http.StatusServiceUnavailable, Text: "Whether you may come in cannot be found out now. Try again.", Retry: 1}

// BodyRefusal is what a client hears whose body could not be read on because of err,
// which is of a reader that [http.MaxBytesReader] made.
func BodyRefusal(err error) *Refusal {
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		return ErrBodyLimit
	}
	return ErrBodyBroken
}

// RefusalOf is r as an answer. A client that sent no JSON reads it as text.
func RefusalOf(r *access.Refusal) *Refusal {
	e := &Refusal{Status: StatusOf(r.Code), Code: r.Code, Coded: true, Text: r.Message}
	if e.Status == http.StatusTooManyRequests {
		e.Retry = 5
	}
	return e
}

// CallerRefusal is what the client of a request hears that is refused because of
// err, which the [Authority] gave, or the hub, which knows that p makes it. What err
// says beyond an [access.Refusal] it does not hear.
func CallerRefusal(p hub.Principal, err error) *Refusal {
	var public *access.Refusal
	switch {
	case errors.As(err, &public):
		return RefusalOf(public)
	case errors.Is(err, ErrLater):
		return ErrLater
	case errors.Is(err, ErrForbidden), p.ID != "":
		return errForbidden
	}
	return errUnauthorized
}

// Write answers w with e, as text. SignalR's clients show it as it is.
func (e *Refusal) Write(w http.ResponseWriter) {
	text := e.Text
	if e.Coded {
		text = (&access.Refusal{Code: e.Code, Message: text}).Error()
	}
	e.write(w, "text/plain", text)
}

// WriteJSON answers w with e, for a client that sent JSON.
func (e *Refusal) WriteJSON(w http.ResponseWriter) {
	body, err := json.Marshal(struct {
		Code  access.Code `json:"code,omitempty"`
		Error string      `json:"error"`
	}{e.Code, e.Text})
	if err != nil {
		panic(err) // it is made of strings
	}
	e.write(w, "application/json", string(body))
}

func (e *Refusal) write(w http.ResponseWriter, kind, body string) {
	header := w.Header()
	if e.Retry > 0 {
		header.Set("Retry-After", strconv.Itoa(e.Retry))
	}
	if e.Status == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", "Bearer")
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if body != "" {
		header.Set("Content-Type", kind)
		header.Set("X-Content-Type-Options", "nosniff")
	}
	w.WriteHeader(e.Status)
	_, _ = io.WriteString(w, body) // a client that is gone needs no answer
}
