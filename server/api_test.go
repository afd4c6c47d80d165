package server_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/internal/testkit/program"
	"partline.dev/server"
	"partline.dev/server/hub"
	"partline.dev/server/tenants"
)

// withKeys is a server of two tenants with an API key each, and its log at every level.
func withKeys(t *testing.T, change func(*server.Options)) (h http.Handler, contoso, fabrikam string, log *logged) {
	t.Helper()
	contoso, one := tenants.NewAPIKey()
	fabrikam, two := tenants.NewAPIKey()
	log = &logged{}
	h = serve(t, func(o *server.Options) {
		o.Tenants = tenantsFile(t, strings.Replace(twoTenants, "  fabrikam:", "    api-keys: [{name: intranet, sha256: "+one+"}]\n  fabrikam:", 1)+
			"    api-keys: [{name: site, sha256: "+two+"}]\n")
		o.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		if change != nil {
			change(o)
		}
	})
	return h, contoso, fabrikam, log
}

// asKey is the answer to a program with an API key.
func asKey(h http.Handler, key, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	headers = append([]string{"Authorization", "Bearer " + key, "Content-Type", "application/json"}, headers...)
	return send(h, method, path, body, headers...)
}

const said = "/api/v1/hubs/connected/events/broadcastMessage"

func TestAPI_publishesToItsTenant(t *testing.T) {
	h, contoso, fabrikam, _ := withKeys(t, nil)
	ann := visit(t, h, "/hubs/connected", `{"key":"`+contosoKey+`"}`)
	bob := visit(t, h, "/hubs/connected", `{"key":"`+fabrikamKey+`"}`)
	if got := asKey(h, contoso, "POST", said, `{"arguments":["House","hello contoso"]}`); got.Code != http.StatusAccepted {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	if got := asKey(h, fabrikam, "POST", said, `{"arguments":["House","hello fabrikam"]}`); got.Code != http.StatusAccepted {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	if heard := ann.shout("a"); !strings.Contains(heard, "hello contoso") || strings.Contains(heard, "hello fabrikam") {
		t.Errorf("contoso's visitor heard %q", heard)
	}
	if heard := bob.shout("b"); strings.Contains(heard, "hello contoso") || !strings.Contains(heard, "hello fabrikam") {
		t.Errorf("fabrikam's visitor heard %q", heard)
	}
	for key, want := range map[string]string{contoso: `"total":1`, fabrikam: `"total":1`} {
		if got := asKey(h, key, "GET", "/api/v1/hubs/connected/connections", ""); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), want) {
			t.Errorf("%d %s", got.Code, got.Body)
		}
	}
	ann.bye()
	bob.bye()
}

// No page may use it, not even one that may reach the hubs, or the parts' own.
func TestAPI_isNotForPages(t *testing.T) {
	h, contoso, _, _ := withKeys(t, nil)
	for _, origin := range []string{contosoSite, "http://parts.example", "null", "https://evil.example"} {
		for _, method := range []string{"POST", "OPTIONS", "GET"} {
			got := asKey(h, contoso, method, said, `{"arguments":["a","b"]}`, "Origin", origin, "Access-Control-Request-Method", "POST")
			if got.Code != http.StatusForbidden || got.Header().Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s by %s: %d %v", method, origin, got.Code, got.Header())
			}
		}
	}
}

func TestAPI_whereItIs(t *testing.T) {
	h, contoso, _, _ := withKeys(t, func(o *server.Options) { o.PublicURL = "https://example.org/apps" })
	for _, path := range []string{said, "/apps" + said} {
		if got := asKey(h, contoso, "POST", path, `{"arguments":["a","b"]}`); got.Code != http.StatusAccepted {
			t.Errorf("%s: %d %s", path, got.Code, got.Body)
		}
	}
	// Without tenants there is none, and it says so.
	if got := asKey(serve(t, nil), contoso, "POST", said, `{}`); got.Code != http.StatusNotFound || !strings.Contains(got.Body.String(), "--tenants") {
		t.Errorf("without tenants: %d %s", got.Code, got.Body)
	}
	// A hub of somebody's may be beside it, and not in its place.
	for path, free := range map[string]bool{"/api/signalr": true, "/api": true, "/api/v1": false, "/API/v1/x": false, "/install": false, "/install/x": false} {
		_, err := server.New(server.Options{App: program.Built(), Mounts: []server.Mount{{Path: path, Hubs: []*hub.Mux{named("x", "")}}}})
		if (err == nil) != free {
			t.Errorf("a hub at %s: %v", path, err)
		}
	}
}

// A back end makes a ticket, its user comes in by it, and is sent away again.
func TestAPI_ticketAndRevocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, contoso, fabrikam, log := withKeys(t, nil)
		var made struct{ Ticket string }
		got := asKey(h, contoso, "POST", "/api/v1/tickets", `{"user":"ann","name":"Ann"}`)
		if err := json.Unmarshal(got.Body.Bytes(), &made); err != nil || got.Code != http.StatusOK {
			t.Fatalf("%d %s", got.Code, got.Body)
		}
		ann := visit(t, h, "/hubs/connected", `{"ticket":"`+made.Ticket+`"}`)
		if !strings.Contains(ann.access, `"name":"Ann"`) || !strings.Contains(ann.access, `"sessionToken":"ps1.`) {
			t.Errorf("she is %s", ann.access)
		}
		if again := negotiate(h, "/hubs/connected", `{"ticket":"`+made.Ticket+`"}`); again.Code != http.StatusUnauthorized || !strings.Contains(again.Body.String(), `"ticket-spent"`) {
			t.Errorf("twice: %d %s", again.Code, again.Body)
		}
		heard := make(chan string, 1)
		go func() { heard <- ann.poll() }()
		synctest.Wait()
		asked := time.Now()
		if got := asKey(h, fabrikam, "POST", "/api/v1/revocations", `{"user":"ann"}`); got.Code != http.StatusOK {
			t.Errorf("another tenant: %d %s", got.Code, got.Body)
		}
		synctest.Wait()
		select {
		case words := <-heard:
			t.Fatalf("another tenant's revocation is heard: %s", words)
		default:
		}
		if got := asKey(h, contoso, "POST", "/api/v1/revocations", `{"user":"ann"}`); got.Code != http.StatusOK {
			t.Errorf("%d %s", got.Code, got.Body)
		}
		if words := <-heard; !strings.Contains(words, "[revoked]") || time.Since(asked) > 30*time.Second {
			t.Errorf("after %v she hears %q", time.Since(asked), words)
		}
		var access struct{ SessionToken string }
		if err := json.Unmarshal([]byte(ann.access), &access); err != nil {
			t.Fatal(err)
		}
		if back := negotiate(h, "/hubs/connected", `{}`, "Authorization", "Bearer "+access.SessionToken); back.Code != http.StatusUnauthorized {
			t.Errorf("she comes back: %d %s", back.Code, back.Body)
		}
		for name, secret := range map[string]string{"key": contoso, "other key": fabrikam, "ticket": made.Ticket, "session token": access.SessionToken} {
			if secret == "" || strings.Contains(log.String(), secret) || strings.Contains(log.String(), secret[4:]) {
				t.Errorf("the %s is in the log:\n%s", name, log)
			}
		}
	})
}

// What counts who comes in has no tenant in it.
func TestMetrics_ofWhoComesIn(t *testing.T) {
	addr, metrics := freeAddr(t), freeAddr(t)
	secret, digest := tenants.NewAPIKey()
	running(t, server.Options{Addr: addr, MetricsAddr: metrics, App: program.Built(),
		Tenants: tenantsFile(t, twoTenants+"    api-keys: [{name: site, sha256: "+digest+"}]\n")})
	ask := func(path, bearer, body string, status int) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		if bearer != "" {
			r.Header.Set("Authorization", "Bearer "+bearer)
		}
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		reply, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = reply.Body.Close()
		if reply.StatusCode != status {
			t.Errorf("%s: status %d, not %d", path, reply.StatusCode, status)
		}
	}
	const negotiate = "/hubs/connected/negotiate?negotiateVersion=1"
	ask(negotiate, "", `{"key":"ek_nobodynobodynobody"}`, 403)
	ask(negotiate, "", `{"ticket":"pt1.none"}`, 401)
	ask(negotiate, "", `{"key":"`+contosoKey+`","where":{"scope":"world"}}`, 403)
	ask(said, secret, `{"arguments":["a","b"]}`, 202)
	ask(said, "no", `{"arguments":["a","b"]}`, 401)
	ask("/api/v1/tickets", secret, `{}`, 200)
	ask("/api/v1/revocations", secret, `{"user":"ann"}`, 200)
	_, body := get(t, "http://"+metrics+"/metrics")
	for _, want := range []string{
		`partline_scope_connections{scope="page"} 0`, `partline_scope_connections{scope="none"} 0`,
		`partline_refusals_total{code="key"} 1`, `partline_refusals_total{code="ticket"} 1`, `partline_refusals_total{code="scope"} 1`,
		"partline_tickets_redeemed_total 0", "partline_tickets_minted_total 1", "partline_revocations_total 1", "partline_expelled_connections_total 0",
		"partline_api_published_total 1", "partline_api_refused_total 1",
	} {
		if !strings.Contains(body, "\n"+want+"\n") {
			t.Errorf("the metrics do not say %s", want)
		}
	}
	for _, name := range []string{"contoso", "fabrikam", "ann", "nobody", secret} {
		if strings.Contains(body, name) {
			t.Errorf("the metrics say %s", name)
		}
	}
}
