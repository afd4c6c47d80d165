package e2e_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"partline.dev/internal/testkit/partline"
)

// newCollector takes what the binary sends to an OpenTelemetry collector; sent is
// all of it.
func newCollector(t *testing.T) (url string, sent func() string) {
	t.Helper()
	var mu sync.Mutex
	var all bytes.Buffer
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		all.WriteString(r.Method + " " + r.URL.Path + "\n")
		if _, err := io.Copy(&all, r.Body); err != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, func() string {
		mu.Lock()
		defer mu.Unlock()
		return all.String()
	}
}

// Traces go where the flag says, or the variable that all programs with
// OpenTelemetry have; without either nothing is sent.
func TestTraces(t *testing.T) {
	for _, c := range []struct {
		name      string
		flag, env bool
		sends     bool
	}{
		{"by the flag", true, false, true},
		{"by the variable", false, true, true},
		{"off", false, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			url, sent := newCollector(t)
			var flags []string
			if c.flag {
				flags = []string{"--otlp-endpoint", url}
			}
			const variable = "OTEL_EXPORTER_OTLP_ENDPOINT"
			t.Setenv(variable, "")
			if c.env {
				t.Setenv(variable, url)
			}
			s := partline.Start(t, binary, flags...)
			node := startNode(t, s.URL+"/hubs/connected")
			node.expect(said{State: "connected"})
			node.tell("send", "Node", "words of nobody's business")
			node.expect(said{Event: []string{"Node", "words of nobody's business"}})
			node.expect(said{Result: json.RawMessage("null")})
			node.end()
			ticket, problem, ok := output(t, "ticket", "--data", filepath.Join(s.Dir, "partline-data"), "--user", "ann")
			if !ok {
				t.Fatal(problem)
			}
			node = startNode(t, s.URL+"/hubs/connected", "WebSockets", secret(strings.TrimSpace(ticket)))
			node.expect(said{State: "connected"})
			node.end()
			if err := s.Stop(); err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"POST /v1/traces", "connected/Send", "Microsoft.AspNetCore.SignalR.Server", "publish connected/broadcastMessage", "POST /hubs/connected/negotiate"} {
				if strings.Contains(sent(), want) != c.sends {
					t.Errorf("sent %q is not %v", want, c.sends)
				}
			}
			if strings.Contains(sent(), "business") {
				t.Error("the traces hold what was said")
			}
			if what := secretIn(sent()); what != "" {
				t.Errorf("the traces hold %s", what)
			}
		})
	}
}

func TestTraces_badEndpoint(t *testing.T) {
	t.Parallel()
	out, err := exec.Command(binary, "serve", "--otlp-endpoint", "localhost:4318").CombinedOutput()
	if err == nil || !strings.Contains(string(out), `--otlp-endpoint "localhost:4318": it must be an address as http://localhost:4318`) {
		t.Errorf("%v: %s", err, out)
	}
}
