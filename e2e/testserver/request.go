package testserver

import (
	"net/http"

	"partline.dev/e2e/testhubs"
)

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
		h.ServeHTTP(w, r.WithContext(testhubs.Noting(r.Context(), noted)))
	})
}
