package front

import (
	"net/http"
	"strings"
)

// BearerToken is the token that r carries, or "": that of its Authorization
// header, else the query parameter access_token where a browser leaves a SignalR
// client no other way, which is a request for a WebSocket or an event stream.
func BearerToken(r *http.Request) string {
	const scheme = "Bearer "
	if value := r.Header.Get("Authorization"); value != "" {
		if len(value) > len(scheme) && strings.EqualFold(value[:len(scheme)], scheme) {
			return strings.TrimSpace(value[len(scheme):])
		}
		return ""
	}
	if r.Method == http.MethodGet && (AsksForUpgrade(r) || AsksForEvents(r)) {
		token, _ := Query(r, "access_token")
		return token
	}
	return ""
}

// IsNegotiate tells whether a request to path negotiates: the path ends in
// /negotiate, in any case.
func IsNegotiate(path string) bool {
	const end = "/negotiate"
	path = strings.TrimSuffix(path, "/")
	return len(path) >= len(end) && strings.EqualFold(path[len(path)-len(end):], end)
}

// Query is a parameter of r's address; its name is in any case, as in .NET. An
// empty one is none.
func Query(r *http.Request, name string) (value string, ok bool) {
	for key, values := range r.URL.Query() {
		if strings.EqualFold(key, name) {
			value = strings.Join(values, ",")
			return value, value != ""
		}
	}
	return "", false
}

// AsksForEvents tells whether r wants a stream of server-sent events.
func AsksForEvents(r *http.Request) bool {
	return strings.Contains(strings.ToLower(strings.Join(r.Header.Values("Accept"), ",")), "text/event-stream")
}

// AsksForUpgrade tells whether r means to become a WebSocket, which only a
// request of HTTP/1.1 can. Whether it may is for the library to say.
func AsksForUpgrade(r *http.Request) bool {
	if r.ProtoMajor != 1 {
		return false
	}
	for _, value := range r.Header.Values("Upgrade") {
		for word := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(word), "websocket") {
				return true
			}
		}
	}
	return false
}
