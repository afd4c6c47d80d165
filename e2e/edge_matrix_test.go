package e2e_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestEdge_npmMatrix runs the suites of npm/suite against a room, over WebSockets in
// both protocols, in Node and in a page of another site. Each place of the matrix is a
// tenant of its own, so that none hears another. What a room has not has no place
// there, and the table says why.
func TestEdge_npmMatrix(t *testing.T) {
	t.Parallel()
	fromNPM(t, "@microsoft", "signalr-protocol-msgpack", "package.json")
	built, err := theEdge()
	if err != nil {
		t.Fatal(err)
	}
	table := matrix{title: "the npm client in a room"}
	type cell struct {
		platform, protocol string
		column             int
		site               *npmSite
	}
	var cells []cell
	issuer := newIssuer(t)
	file := "tenants:\n"
	for _, platform := range slices.Sorted(maps.Keys(platforms)) {
		for _, protocol := range []string{"json", "messagepack"} {
			c := cell{platform, protocol, table.column(platform, "WebSockets", protocol), newNPMSite(t)}
			tenant := strings.ToLower(platform + "-" + protocol)
			c.site.tokens = func(asked url.Values) (string, error) { return matrixToken(issuer, tenant, asked) }
			file += fmt.Sprintf("  %s: {hosts: %q, guests: anybody, issuers: [%s]}\n", tenant, c.site.origin, issuer.lineFor(tenant, "roles: [{claim: role, is: any}]"))
			cells = append(cells, c)
		}
	}
	tenants := filepath.Join(t.TempDir(), "tenants.yaml")
	if err := os.WriteFile(tenants, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := []string{"--tenants", tenants, "--room-wasm", built.room}
	edge := startEdge(t, flags...)
	detailed := startEdge(t, append(flags, "--var", "DETAILED_ERRORS=true", "--var", fmt.Sprint("MESSAGE_LIMIT=", 1<<20))...)
	t.Run("in", func(t *testing.T) {
		for _, c := range cells {
			t.Run(c.platform+" "+c.protocol, func(t *testing.T) {
				t.Parallel()
				var base string
				base, c.site.proxy = proxied(t, edge.lasting(t))
				at := place{
					Base: base, Control: c.site.origin, Transport: "WebSockets", Protocol: c.protocol,
					Tokens: c.site.origin, Hubs: matrixHubs(base, detailed.lasting(t)),
				}
				if c.platform == "Node" {
					at.Origin = c.site.origin
				}
				table.run(t, c.column, c.platform, at, c.site)
			})
		}
	})
	table.print(t)
	table.count(t)
}

// matrixHubs are the hubs of the room by their paths in the test server. A room takes
// what its Worker says for all its hubs, so the detailed one is in another Worker.
func matrixHubs(edge, detailed string) map[string]string {
	return map[string]string{
		"/testhub": edge + "/hubs/test", "/TestHub": edge + "/hubs/Test", "/detailed": detailed + "/hubs/test",
		"/authorizedhub": edge + "/hubs/authorized", "/refusing": edge + "/hubs/refusing", "/failing": edge + "/hubs/failing",
		"/nowhere": edge + "/hubs/nowhere",
	}
}

// matrixToken is what a test asks for: ?user=NAME&role=ROLE&seconds=N.
func matrixToken(issuer *issuer, tenant string, asked url.Values) (string, error) {
	good := time.Hour
	if text := asked.Get("seconds"); text != "" {
		seconds, err := strconv.Atoi(text)
		if err != nil {
			return "", err
		}
		good = time.Duration(seconds)*time.Second - clockLeeway
	}
	claims := map[string]any{"sub": asked.Get("user"), "name": asked.Get("user")}
	if role := asked.Get("role"); role != "" {
		claims["role"] = role
	}
	return issuer.sign(tenant, claims, good)
}

// serveToken gives a bearer token to everybody.
func (n *npmSite) serveToken(w http.ResponseWriter, r *http.Request) {
	if n.tokens == nil {
		http.NotFound(w, r)
		return
	}
	token, err := n.tokens(r.URL.Query())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(token)) // a client that is gone needs none
}

// count writes how many tests have a place in each column, and how many have none.
func (m *matrix) count(t *testing.T) {
	t.Helper()
	for i, column := range m.columns {
		not := 0
		for _, o := range column {
			if o.Outcome == "not" {
				not++
			}
		}
		t.Logf("table: %s: %d tests, %d without a place there", strings.Join(m.heads[i][:], " "), len(column)-not, not)
	}
}
