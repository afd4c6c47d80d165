package classic

import (
	"net/http"
	"net/url"
)

// withBearer is r with the token of its parameter access_token as if it had come in
// a header. A page of SignalR 2 adds its token to the query string of all its
// requests: the client has no other way before 2.4, and for WebSockets and event
// streams it never has one. A header that is there counts.
func withBearer(r *http.Request, query url.Values) *http.Request {
	token := query.Get("access_token")
	if token == "" || r.Header.Get("Authorization") != "" {
		return r
	}
	r2 := r.WithContext(r.Context())
	r2.Header = r.Header.Clone()
	r2.Header.Set("Authorization", "Bearer "+token)
	return r2
}
