package testserver

import (
	"context"
	"net/http"

	"partline.dev/server/hub"
	"partline.dev/shared/testhub"
)

// requestKey is where a call's context has what the request said that opened the
// connection.
type requestKey struct{}

// noting lets handlers know of the requests of their clients: some headers and
// parameters that tests ask for.
func noting(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		noted := map[string]string{}
		for _, name := range []string{"User-Agent", "X-Signalr-User-Agent", "X-Header"} {
			if value := r.Header.Get(name); value != "" {
				noted["header "+name] = value
			}
		}
		for _, name := range []string{"redirects", "other"} {
			if value := r.URL.Query().Get(name); value != "" {
				noted["query "+name] = value
			}
		}
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, noted)))
	})
}

// claim is what is known of the caller under a name.
func claim(x *hub.Context, n testhub.Name) (*string, error) {
	if n.Name == "transport" {
		name := x.Transport()
		return &name, nil
	}
	noted, _ := x.Value(requestKey{}).(map[string]string)
	for _, known := range []map[string]string{x.Principal().Claims, noted} {
		if value, ok := known[n.Name]; ok {
			return &value, nil
		}
	}
	return nil, nil
}
