package e2e_test

import (
	"net/http"
	"path/filepath"
	"testing"
)

// classicClient is one version of the npm client signalr with a jQuery that it
// worked with in its time, both unmodified.
type classicClient struct{ version, jquery, signalr string }

// The last version, and one of before the redirects, which still finds jQuery 1.
var classicClients = []classicClient{
	{"2.4.3", "jquery/dist/jquery.js", "signalr/jquery.signalR.js"},
	{"2.2.1", "jquery-1.7/tmp/jquery.js", "signalr-2.2/jquery.signalR.js"},
}

// classicTransports are the names that the client has for the transports that we
// serve, and those of --transports for them, in the order in which it tries them.
var classicTransports = []struct{ client, server string }{
	{"webSockets", "WebSockets"},
	{"serverSentEvents", "ServerSentEvents"},
	{"longPolling", "LongPolling"},
}

// serve has a mux answer at the paths with the files of jQuery and of the client,
// whatever version the names in the paths are of.
func (c classicClient) serve(t *testing.T, mux *http.ServeMux, jquery, signalr string) {
	t.Helper()
	for path, file := range map[string]string{jquery: c.jquery, signalr: c.signalr} {
		fromNPM(t, file) // or the test says what is missing
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/javascript")
			http.ServeFile(w, r, filepath.Join("npm", "node_modules", file))
		})
	}
}
