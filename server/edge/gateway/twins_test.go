package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"partline.dev/internal/testkit/program"
	"partline.dev/server"
	"partline.dev/server/connected"
	"partline.dev/server/edge/gateway"
	"partline.dev/server/front"
	"partline.dev/server/grants"
	"partline.dev/server/hub"
	"partline.dev/server/keys"
)

// threeTenants are one whose guests say a name, one without guests, and one with an
// issuer.
const threeTenants = `
tenants:
  contoso:
    hosts: [https://contoso.example, "https://*.contoso.example"]
    guests: named
    embed-keys: [ek_contoso__________]
    icons: [https://pictures.example]
    blocked: [mallory]
    places: verified
  fabrikam:
    hosts: [https://fabrikam.example]
    guests: nobody
    embed-keys: [ek_fabrikam__________]
  northwind:
    hosts: [https://northwind.example]
    guests: anybody
    embed-keys: [ek_northwind__________]
`

// twins are a server and a gateway that are configured alike.
type twins struct {
	t      *testing.T
	home   http.Handler
	edge   *edge
	signer *keys.Signer
	own    []string // headers that only one of them has
}

// newTwins are twins of the tenants that text declares.
func newTwins(t *testing.T, text, publicURL string) *twins {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "tenants.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "keys")
	log := slog.New(slog.DiscardHandler)
	if _, err := keys.Open(log, path); err != nil {
		t.Fatal(err)
	}
	secret, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keys.Parse(secret)
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(server.Options{
		App: program.Built(), Tenants: file, Keys: path, PublicURL: publicURL, Log: log, Hubs: []*hub.Mux{connected.New()},
		Transports: front.WebSockets, NoStatefulReconnect: true, NoInstall: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	signer := keys.NewSigner(ring)
	e := newEdge(t, text, func(o *gateway.Options) { o.Signer, o.PublicURL = signer, publicURL })
	return &twins{t: t, home: s.Handler(), edge: e, signer: signer}
}

// both asks both, and reports what they do not answer alike. It returns the gateway's.
func (w *twins) both(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	home, away := ask(w.home, method, path, body, headers...), ask(w.edge, method, path, body, headers...)
	what := fmt.Sprintf("%s %s %.80q with %.200q", method, path, body, headers)
	if home.Code != away.Code {
		w.t.Errorf("%s: status %d at home, %d at the edge", what, home.Code, away.Code)
	}
	if h, a := alike(home.Body.String()), alike(away.Body.String()); h != a {
		w.t.Errorf("%s: at home\n%s\nat the edge\n%s", what, h, a)
	}
	for _, one := range []*httptest.ResponseRecorder{home, away} {
		one.Header().Del("Content-Length") // of tokens, which have other lengths
		for _, name := range w.own {
			one.Header().Del(name)
		}
	}
	if h, a := headersText(home.Header()), headersText(away.Header()); h != a {
		w.t.Errorf("%s: at home\n%s\nat the edge\n%s", what, h, a)
	}
	return away
}

func headersText(h http.Header) string {
	var lines []string
	for name, values := range h {
		lines = append(lines, name+": "+strings.Join(values, " | "))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

var (
	tag       = regexp.MustCompile(`<[a-z][^>]*>`)
	attribute = regexp.MustCompile(`\s[a-z-]+(?:="[^"]*")?`)
	secret    = regexp.MustCompile(`ps1\.[A-Za-z0-9_-]+`)
	numbers   = regexp.MustCompile(`"(expires|expiresIn)":[0-9]+`)
)

// alike is body without what two servers never have the same: ids, tokens and times,
// and the order in which go-app writes attributes.
func alike(body string) string {
	if strings.HasPrefix(body, "<!doctype") {
		return tag.ReplaceAllStringFunc(body, func(one string) string {
			all := attribute.FindAllString(one, -1)
			slices.Sort(all)
			name, _, _ := strings.Cut(strings.Trim(one, "<>"), " ")
			return "<" + name + strings.Join(all, "") + ">"
		})
	}
	body = numbers.ReplaceAllString(secret.ReplaceAllString(body, "ps1"), `"$1":1`)
	var reply map[string]any
	if json.Unmarshal([]byte(body), &reply) != nil {
		return body
	}
	for _, name := range []string{"connectionId", "connectionToken"} {
		if text, ok := reply[name].(string); ok && text != "" {
			reply[name] = name
		}
	}
	again, _ := json.Marshal(reply)
	return string(again)
}

// mint is a ticket that began so long ago.
func (w *twins) mint(t grants.Ticket, ago time.Duration) string {
	w.t.Helper()
	text, err := grants.Mint(w.signer, t, time.Now().Add(-ago))
	if err != nil {
		w.t.Fatal(err)
	}
	return text
}

// session is a session token that began so long ago.
func (w *twins) session(t grants.Ticket, ago time.Duration) string {
	w.t.Helper()
	g, err := grants.ReadTicket(w.signer, w.mint(t, 0))
	if err != nil {
		w.t.Fatal(err)
	}
	_, token, err := g.Begin(w.signer, g.Tenant, time.Now().Add(-ago))
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

var html = []string{"Accept", "text/html,*/*;q=0.8"}

func TestPages_areAsAtHome(t *testing.T) {
	for what, w := range map[string]*twins{
		"one":     newTwins(t, "tenants: {contoso: {hosts: [https://contoso.example], icons: [https://pictures.example], embed-keys: [ek_contoso__________]}}", ""),
		"several": newTwins(t, threeTenants, "https://parts.example"),
	} {
		t.Run(what, func(t *testing.T) {
			w.t = t
			for _, path := range []string{
				"/", "/parts/one", "/parts/two", "/offline", "/manifest.webmanifest", "/worker.js", "/healthz", "/parts/three", "/parts/", "/parts", "/install",
				"/parts/one?lang=de", "/?lang=ar", "/parts/one?key=ek_contoso__________", "/worker.js?key=ek_contoso__________", "/parts/one?key=ek_nobody__________",
				"/parts/one?name=zq7pwned&lang=%22%3E", "/index.json", "/pages/list.en.html", "/_headers", "/web", "/web/none.js",
			} {
				for _, language := range []string{"", "de-AT,de;q=0.9", "ar"} {
					page := w.both("GET", path, "", append(slices.Clone(html), "Accept-Language", language)...)
					if strings.Contains(page.Body.String(), "zq7pwned") {
						t.Errorf("%s is repeated", path)
					}
				}
				w.both("GET", path, "", "Accept", "application/json")
				for _, method := range []string{"POST", "DELETE", "OPTIONS", "BREW"} {
					w.both(method, path, "", html...)
				}
			}
			if page := w.both("GET", "/parts/one", "", html...); page.Code != 200 || !strings.Contains(page.Header().Get("Content-Security-Policy"), "frame-ancestors 'self'") {
				t.Errorf("%d %v", page.Code, page.Header())
			}
		})
	}
}

func TestRefusedPage_isAsAtHome(t *testing.T) {
	one := "tenants: {contoso: {hosts: [https://contoso.example, \"https://[::1]:8443\"], embed-keys: [ek_contoso__________]}}"
	for what, w := range map[string]*twins{"one": newTwins(t, one, ""), "several": newTwins(t, threeTenants, "")} {
		t.Run(what, func(t *testing.T) {
			w.t = t
			for _, site := range []string{"https://evil.example/page", "https://contoso.example/", "http://parts.example/", "https://[::2]/", `https://"><script>/`, "about:blank", ""} {
				for _, path := range []string{"/parts/one", "/parts/two?lang=de", "/parts/one?key=ek_contoso__________", "/parts/one?key=ek_contoso__________&lang=ar", "/"} {
					w.both("GET", path, "", append(slices.Clone(html), "Sec-Fetch-Dest", "iframe", "Referer", site)...)
					w.both("GET", path, "", append(slices.Clone(html), "Referer", site)...)
				}
			}
		})
	}
}

func TestNegotiate_isAsAtHome(t *testing.T) {
	w := newTwins(t, threeTenants, "")
	signed := func(s *keys.Signer) string {
		text, err := grants.Mint(s, grants.Ticket{Tenant: "contoso", User: "ann"}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	const path = "/hubs/connected/negotiate?negotiateVersion=1"
	page := `"where":{"scope":"page","page":"AAAAAAAAAAAAAAAAAAAAAA"}`
	ann := grants.Ticket{Tenant: "contoso", User: "ann", Name: "Ann", Roles: []string{"editor"}}
	spent := w.mint(ann, 0)
	for _, c := range []struct {
		what, body string
		origin     string
		status     int
		code       string
	}{
		{"a guest with a name", `{"key":"ek_contoso__________","name":" Bob ",` + page + `}`, "https://contoso.example", 200, ""},
		{"a guest without a name", `{"key":"ek_contoso__________"}`, "https://contoso.example", 403, "name"},
		{"a guest with a name that cannot be", `{"key":"ek_contoso__________","name":"a\u202eb"}`, "https://contoso.example", 403, "name"},
		{"a guest where nobody is", `{"key":"ek_fabrikam__________","name":"Bob"}`, "https://fabrikam.example", 401, "sign-in"},
		{"a guest of the site's tenant", `{}`, "https://northwind.example", 200, ""},
		{"a guest of a program", `{"key":"ek_northwind__________"}`, "", 200, ""},
		{"a guest of nobody", `{"name":"Bob"}`, "", 403, "tenant"},
		{"a key that is none", `{"key":"ek_wrong__________"}`, "https://contoso.example", 403, "key"},
		{"a key of another site's tenant", `{"key":"ek_fabrikam__________"}`, "https://contoso.example", 403, "host"},
		{"a scope of nobody", `{"key":"ek_northwind__________","where":{"scope":"world"}}`, "", 403, "scope"},
		{"a page that cannot be", `{"key":"ek_northwind__________","where":{"scope":"page","page":"short"}}`, "", 400, "identifier"},
		{"a place", `{"key":"ek_northwind__________","where":{"scope":"place","place":"hall"}}`, "", 200, ""},
		{"a place that is not established", `{"key":"ek_contoso__________","name":"Bob","where":{"scope":"place","place":"hall"}}`, "", 403, "scope"},
		{"a place that cannot be", `{"key":"ek_northwind__________","where":{"scope":"place","place":"a\u0001"}}`, "", 403, "place"},
		{"no JSON", `{"name":`, "https://contoso.example", 400, "request"},
		{"an array", `[]`, "https://contoso.example", 400, "request"},
		{"a long body", `{"name":"` + strings.Repeat("a", 17<<10) + `"}`, "https://contoso.example", 413, "request"},
		{"a ticket", `{"ticket":"` + spent + `",` + page + `}`, "https://contoso.example", 200, ""},
		{"a ticket again", `{"ticket":"` + spent + `"}`, "https://contoso.example", 401, "ticket-spent"},
		{"a forged ticket", `{"ticket":"` + signed(keys.NewSigner(keys.Random())) + `"}`, "https://contoso.example", 401, "ticket"},
		{"an expired ticket", `{"ticket":"` + w.mint(ann, 2*time.Minute) + `"}`, "https://contoso.example", 401, "ticket-expired"},
		{"a ticket of a later time", `{"ticket":"` + w.mint(ann, -2*time.Minute) + `"}`, "https://contoso.example", 401, "ticket-expired"},
		{"a ticket for another hub", `{"ticket":"` + w.mint(grants.Ticket{Tenant: "contoso", User: "ann", Hubs: []string{"quiz"}}, 0) + `"}`, "", 401, "ticket"},
		{"a ticket of no tenant", `{"ticket":"` + w.mint(grants.Ticket{Tenant: "gone", User: "ann"}, 0) + `"}`, "", 401, "ticket"},
		{"a ticket of another tenant", `{"key":"ek_fabrikam__________","ticket":"` + w.mint(ann, 0) + `"}`, "https://fabrikam.example", 401, "ticket"},
		{"a ticket at another's site", `{"ticket":"` + w.mint(ann, 0) + `"}`, "https://northwind.example", 403, "host"},
		{"a ticket of who is blocked", `{"ticket":"` + w.mint(grants.Ticket{Tenant: "contoso", User: "mallory"}, 0) + `"}`, "", 401, "revoked"},
		{"rubbish", `{"ticket":"pt1.rubbish"}`, "", 401, "ticket"},
		{"a ticket for a place", `{"ticket":"` + w.mint(grants.Ticket{Tenant: "contoso", User: "ann", Places: []string{"hall"}, Scope: "place"}, 0) + `"}`, "", 200, ""},
	} {
		headers := []string{"Content-Type", "application/json"}
		if c.origin != "" {
			headers = append(headers, "Origin", c.origin)
		}
		got := w.both("POST", path, c.body, headers...)
		if got.Code != c.status || c.code != "" && !strings.Contains(got.Body.String(), `"code":"`+c.code+`"`) {
			t.Errorf("%s: %d %s", c.what, got.Code, got.Body)
		}
	}
}

func TestNegotiate_ofOtherClientsIsAsAtHome(t *testing.T) {
	w := newTwins(t, threeTenants, "")
	const path = "/hubs/connected/negotiate"
	ann := grants.Ticket{Tenant: "contoso", User: "ann"}
	north := []string{"Origin", "https://northwind.example"}
	for _, c := range []struct {
		what, method, path, body string
		headers                  []string
		status                   int
	}{
		{"version 0", "POST", path, "", north, 200},
		{"version 1", "POST", path + "?negotiateVersion=1", "", north, 200},
		{"version 7", "POST", path + "?NegotiateVersion=7", "", north, 200},
		{"stateful reconnect", "POST", path + "?negotiateVersion=1&useStatefulReconnect=true", "", north, 200},
		{"no version", "POST", path + "?negotiateVersion=x", "", north, 200},
		{"a negative version", "POST", path + "?negotiateVersion=-1", "", north, 200},
		{"an address in other letters", "POST", "/HUBS/Connected/Negotiate/?negotiateVersion=1", "", north, 200},
		{"an empty body of JSON", "POST", path, "  ", append(slices.Clone(north), "Content-Type", "application/json; charset=utf-8"), 200},
		{"another body", "POST", path, "x=y", append(slices.Clone(north), "Content-Type", "text/plain"), 200},
		{"a long one", "POST", path, strings.Repeat("x", 5000), north, 413},
		{"a hub that is none", "POST", "/hubs/nothing/negotiate", "", north, 404},
		{"below a hub", "POST", "/hubs/connected/more/negotiate", "", north, 404},
		{"an address of SignalR 2", "GET", "/signalr/more/start", "", north, 404},
		{"a foreign origin", "POST", path, "", []string{"Origin", "https://evil.example"}, 403},
		{"no origin of a browser", "POST", path, "", []string{"Cookie", "a=b"}, 403},
		{"another site's fetch", "POST", path, "", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"a null origin", "POST", path, "", []string{"Origin", "null"}, 403},
		{"two origins", "POST", path, "", []string{"Origin", "https://northwind.example", "Origin", "https://evil.example"}, 403},
		{"the own page of several tenants", "POST", path, "", []string{"Origin", "http://parts.example"}, 403},
		{"a preflight", "OPTIONS", path, "", append(slices.Clone(north), "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "x-signalr-user-agent,x-own, bad name"), 204},
		{"a foreign preflight", "OPTIONS", path, "", []string{"Origin", "https://evil.example", "Access-Control-Request-Method", "POST"}, 403},
		{"a ticket as bearer", "POST", path + "?negotiateVersion=1&a=b&access_token=x", "", []string{"Authorization", "Bearer " + w.mint(ann, 0)}, 200},
		{"a session token", "POST", path + "?negotiateVersion=1", "", []string{"Authorization", "Bearer " + w.session(ann, 0)}, 200},
		{"a session that is over", "POST", path, "", []string{"Authorization", "Bearer " + w.session(ann, 9*time.Hour)}, 401},
		{"a session for another hub", "POST", path, "", []string{"Authorization", "Bearer " + w.session(grants.Ticket{Tenant: "contoso", User: "ann", Hubs: []string{"quiz"}}, 0)}, 401},
		{"a session at another's site", "POST", path, "", append(slices.Clone(north), "Authorization", "Bearer "+w.session(ann, 0)), 403},
		{"a session renewed", "POST", path + "?negotiateVersion=1", "{}", []string{"Content-Type", "application/json", "Authorization", "Bearer " + w.session(ann, time.Hour)}, 200},
		{"a token of nobody", "POST", path, "", []string{"Authorization", "Bearer eyJhbGciOiJub25lIn0.e30."}, 401},
	} {
		if got := w.both(c.method, c.path, c.body, c.headers...); got.Code != c.status {
			t.Errorf("%s: %d %s", c.what, got.Code, got.Body)
		}
	}
}

func TestConnection_isAsAtHome(t *testing.T) {
	w := newTwins(t, threeTenants, "")
	w.own = []string{"Cache-Control", "Expires", "Pragma"} // of long polling
	const path = "/hubs/connected"
	north := []string{"Origin", "https://northwind.example"}
	upgrade := append(slices.Clone(north), "Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==")
	for _, c := range []struct {
		what, method, path string
		headers            []string
		status             int
	}{
		{"a poll without an id", "GET", path, north, 400},
		{"a poll", "GET", path + "?id=unknown", north, 404},
		{"events without an id", "GET", path, append(slices.Clone(north), "Accept", "text/event-stream"), 400},
		{"events", "GET", path + "?id=unknown", append(slices.Clone(north), "Accept", "text/event-stream"), 404},
		{"POST without an id", "POST", path, north, 400},
		{"POST", "POST", path + "?id=unknown", north, 404},
		{"DELETE", "DELETE", path + "?id=unknown", north, 404},
		{"PUT", "PUT", path, north, 405},
		{"a WebSocket of a room that is none", "GET", path + "?id=unknown", upgrade, 404},
		{"a WebSocket of a foreign page", "GET", path, []string{"Origin", "https://evil.example", "Upgrade", "websocket", "Connection", "Upgrade"}, 403},
		{"a WebSocket with a ticket that is none", "GET", path + "?access_token=pt1.x", upgrade, 401},
		{"a WebSocket of nobody's guest", "GET", path, []string{"Upgrade", "websocket", "Connection", "Upgrade"}, 403},
		{"a poll with a token that is none", "GET", path + "?id=unknown", append(slices.Clone(north), "Authorization", "Bearer x.y.z"), 401},
		{"a poll with a ticket", "GET", path + "?id=unknown", []string{"Authorization", "Bearer " + w.mint(grants.Ticket{Tenant: "contoso", User: "ann"}, 0)}, 401},
	} {
		if got := w.both(c.method, c.path, "", c.headers...); got.Code != c.status {
			t.Errorf("%s: %d %s", c.what, got.Code, got.Body)
		}
	}
}
