package api

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// Code names a reason for which a request is refused. Programs go by it.
type Code string

// The reasons, with their status.
const (
	CodeNotConfigured Code = "not-configured" // 404: this server has no API keys
	CodeOrigin        Code = "origin"         // 403: the request comes from a page
	CodeKey           Code = "api-key"        // 401: there is no such API key
	CodePath          Code = "path"           // 404: nothing is at this address
	CodeMethod        Code = "method"         // 405: the address takes another method
	CodeMediaType     Code = "media-type"     // 415: the body is not application/json
	CodeTooLong       Code = "too-long"       // 413: the body, or what it would publish
	CodeBody          Code = "body"           // 400: the body, or the query, is not what is taken here
	CodeHub           Code = "hub"            // 404: there is no such hub
	CodeEvent         Code = "event"          // 404: the hub has no such event
	CodeArguments     Code = "arguments"      // 400: they are not those of the event's contract
	CodeTarget        Code = "target"         // 400: nobody can be reached so
	CodeWorld         Code = "world"          // 403: tenants do not speak to one another on this hub
	CodeTenant        Code = "tenant"         // 403: the key is another tenant's
	CodeIdempotency   Code = "idempotency"    // 400, or 422: the key was used with another request
	CodeRate          Code = "rate"           // 429: too much in too short a time
	CodeInternal      Code = "internal"       // 500, or 503: it did not work, and the log says why
)

// refusal is an answer that says why not.
type refusal struct {
	status int
	code   Code
	text   string
}

// answer is what a request gets. It is kept for who repeats the request.
type answer struct {
	status int
	body   []byte // JSON
}

// answer is the refusal as it is sent.
func (r *refusal) answer() answer {
	return ok(r.status, map[string]string{"code": string(r.code), "error": r.text})
}

// ok is an answer of that status which says v.
func ok(status int, v any) answer {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // it is made of strings and numbers
	}
	return answer{status, append(body, '\n')}
}

// write sends a. It may hold a ticket, or who is connected.
func (a answer) write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	switch a.status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", "Bearer")
	case http.StatusTooManyRequests:
		h.Set("Retry-After", "1")
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a client that is gone needs no answer
}
