package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"partline.dev/internal/testkit/partline"
	client "partline.dev/wasmclient"
)

// land is a server of two tenants whose pages are on sites of their own, and what
// lets people in.
type land struct {
	*partline.Server

	t      *testing.T
	file   string // of the tenants
	api    string // an API key of Contoso's
	issuer *issuer
	hosts  [3]*landHost // of Contoso and Fabrikam, of Contoso, of Fabrikam
}

// landWay is a transport, as the server, our client and the classic one call it.
type landWay struct {
	name    string
	over    client.Transport
	classic string
}

var landWays = []landWay{
	{"WebSockets", client.WebSockets, "webSockets"},
	{"ServerSentEvents", client.ServerSentEvents, "serverSentEvents"},
	{"LongPolling", client.LongPolling, "longPolling"},
}

// The embed keys of the tenants.
const (
	keyContoso  = "ek_Gk2mXw9QpT4sVd8LrYb1Zg"
	keyFabrikam = "ek_3fA9u0Zq7LxYc2VbNw5Rtg"
)

// landTenants is the file, whose gaps are the sites and what else the tenants have.
const landTenants = `tenants:
  contoso:
    hosts: [%s]
    guests: named
    embed-keys: ` + keyContoso + `
    scopes: {world: everybody}
    issuers:
      - %s
    api-keys:
      %s
  fabrikam:
    hosts: [%s]
    embed-keys: ` + keyFabrikam + `
    scopes: {world: everybody}
`

// theWorld is what the file ends in where tenants may speak to each other.
const theWorld = "world: [connected]\n"

// newLand starts all that; more are sites of Contoso's beside.
func newLand(t *testing.T, more []string, flags ...string) *land {
	t.Helper()
	l := &land{t: t, file: filepath.Join(t.TempDir(), "tenants.yaml"), issuer: newIssuer(t)}
	for i := range l.hosts {
		l.hosts[i] = newLandHost(t, fmt.Sprintf("127.0.0.%d:0", i+1))
	}
	out, problem, ok := output(t, "api-key", "--name", "matrix")
	lines := strings.Split(out, "\n")
	if !ok || len(lines) < 4 {
		t.Fatal(out, problem)
	}
	l.api = secret(lines[1])
	contoso := strings.Join(append([]string{l.hosts[0].origin, l.hosts[1].origin}, more...), ", ")
	fabrikam := l.hosts[0].origin + ", " + l.hosts[2].origin
	l.write(fmt.Sprintf(landTenants, contoso, l.issuer.line(), lines[3], fabrikam))
	l.Server = partline.Start(t, binary, append([]string{"--tenants", l.file, "--log-level", "debug"}, flags...)...)
	return l
}

// write makes content the file, at once as a careful editor does.
func (l *land) write(content string) {
	l.t.Helper()
	if err := os.WriteFile(l.file+".new", []byte(content), 0o600); err != nil {
		l.t.Fatal(err)
	}
	if err := os.Rename(l.file+".new", l.file); err != nil {
		l.t.Fatal(err)
	}
}

// text is the file.
func (l *land) text() string {
	l.t.Helper()
	text, err := os.ReadFile(l.file)
	if err != nil {
		l.t.Fatal(err)
	}
	return string(text)
}

// ticket mints one on the command line.
func (l *land) ticket(tenant, user, name string, more ...string) string {
	l.t.Helper()
	out, problem, ok := output(l.t, append([]string{"ticket", "--data", filepath.Join(l.Dir, "partline-data"),
		"--for", "10m", "--tenant", tenant, "--user", user, "--name", name}, more...)...)
	if !ok {
		l.t.Fatal(problem)
	}
	return secret(strings.TrimSpace(out))
}

// ticketOfAPI has the server make one of Contoso's.
func (l *land) ticketOfAPI(asked map[string]any) string {
	l.t.Helper()
	var made struct{ Ticket string }
	l.ask("/api/v1/tickets", asked, &made)
	return secret(made.Ticket)
}

// ask posts to the HTTP API with Contoso's key.
func (l *land) ask(path string, asked, answer any) {
	l.t.Helper()
	body, err := json.Marshal(asked)
	if err != nil {
		l.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(l.t.Context(), http.MethodPost, l.URL+path, bytes.NewReader(body))
	if err != nil {
		l.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+l.api)
	r.Header.Set("Content-Type", "application/json")
	reply, err := once.Do(r)
	if err != nil {
		l.t.Fatal(err)
	}
	defer reply.Body.Close()
	if err := json.NewDecoder(reply.Body).Decode(answer); err != nil || reply.StatusCode/100 != 2 {
		l.t.Fatalf("%s: %s, %v", path, reply.Status, err)
	}
}

// landHost is a site with pages that are made anew for each view.
type landHost struct {
	origin string

	mu    sync.Mutex // protects following
	views map[string][]string
}

func newLandHost(t *testing.T, addr string) *landHost {
	t.Helper()
	h := &landHost{views: map[string][]string{}}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(h.serve))
	s.Listener.Close()
	s.Listener = listener
	s.Start()
	t.Cleanup(s.Close)
	h.origin = s.URL
	return h
}

// view makes html what the next request for the path gets, behind those that were
// said before. It returns the page's address.
func (h *landHost) view(path, html string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.views[path] = append(h.views[path], html)
	return h.origin + path
}

func (h *landHost) serve(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	views := h.views[r.URL.Path]
	if len(views) == 0 {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	h.views[r.URL.Path] = views[1:]
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, "<!doctype html><title>Host</title>", views[0])
}
