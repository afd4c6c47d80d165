package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"partline.dev/internal/testkit/program"
	"partline.dev/server"
	"partline.dev/server/connected"
	"partline.dev/server/hub"
	"partline.dev/server/tenants"
)

// The embed keys and sites of the two tenants of the tests.
const (
	contosoKey   = "ek_contoso0contoso0"
	fabrikamKey  = "ek_fabrikam0fabrikam"
	contosoSite  = "https://contoso.example"
	fabrikamSite = "https://fabrikam.example"
)

// twoTenants is a file of two tenants.
const twoTenants = `tenants:
  contoso:
    hosts: [` + contosoSite + `]
    guests: anybody
    embed-keys: [` + contosoKey + `]
    icons: [https://pictures.contoso.example]
  fabrikam:
    hosts: [` + fabrikamSite + `, "https://*.fabrikam.example"]
    guests: anybody
    embed-keys: [` + fabrikamKey + `]
`

// tenantsFile is a file that declares tenants.
func tenantsFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tenants.yaml")
	writeTenants(t, file, text)
	return file
}

func writeTenants(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// withTenants is a server of those tenants.
func withTenants(t *testing.T, text string) http.Handler {
	t.Helper()
	return serve(t, func(o *server.Options) { o.Tenants = tenantsFile(t, text) })
}

// visitor is a client that polls, without a network.
type visitor struct {
	t      *testing.T
	h      http.Handler
	path   string
	token  string
	access string
}

// send is the answer to a request; headers are pairs of name and value.
func send(h http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://parts.example"+path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// negotiate is the answer to a client of ours that says body.
func negotiate(h http.Handler, path, body string, headers ...string) *httptest.ResponseRecorder {
	return send(h, http.MethodPost, path+"/negotiate?negotiateVersion=1", body, append([]string{"Content-Type", "application/json"}, headers...)...)
}

// visit connects a client that says body when it negotiates.
func visit(t *testing.T, h http.Handler, path, body string, headers ...string) *visitor {
	t.Helper()
	got := negotiate(h, path, body, headers...)
	var reply struct {
		ConnectionToken string
		Access          json.RawMessage
	}
	if err := json.Unmarshal(got.Body.Bytes(), &reply); err != nil || reply.ConnectionToken == "" {
		t.Fatalf("%s is answered with %d %s", body, got.Code, got.Body)
	}
	v := &visitor{t: t, h: h, path: path, token: reply.ConnectionToken, access: string(reply.Access)}
	if got := send(h, http.MethodGet, v.address(), ""); got.Code != http.StatusOK {
		t.Fatalf("the first poll: %d %s", got.Code, got.Body)
	}
	v.say(`{"protocol":"json","version":1}`)
	if got := v.poll(); !strings.HasPrefix(got, "{}") {
		t.Fatalf("the handshake is answered with %q", got)
	}
	return v
}

func (v *visitor) address() string { return v.path + "?id=" + v.token }

func (v *visitor) say(message string) {
	v.t.Helper()
	if got := send(v.h, http.MethodPost, v.address(), message+"\x1e"); got.Code != http.StatusOK {
		v.t.Fatalf("to %s: %d %s", message, got.Code, got.Body)
	}
}

// poll is what is there for the visitor, or comes next.
func (v *visitor) poll() string {
	got := send(v.h, http.MethodGet, v.address(), "")
	if got.Code != http.StatusOK {
		return fmt.Sprint("status ", got.Code)
	}
	return got.Body.String()
}

// shout calls Send, and is all that the visitor has heard until that is answered.
func (v *visitor) shout(words string) string {
	v.t.Helper()
	v.say(`{"type":1,"invocationId":"` + words + `","target":"Send","arguments":["Part","` + words + `"]}`)
	heard := ""
	for !strings.Contains(heard, `"invocationId":"`+words+`"`) && !strings.Contains(heard, "status") {
		heard += v.poll()
	}
	return heard
}

func (v *visitor) bye() { send(v.h, http.MethodDelete, v.address(), "") }

func TestTenants_doNotHearEachOther(t *testing.T) {
	h := withTenants(t, twoTenants)
	const path = "/hubs/connected"
	own := visit(t, h, path, `{"key":"`+contosoKey+`","where":{"scope":"tenant"}}`)
	other := visit(t, h, path, `{"key":"`+contosoKey+`","where":{"scope":"tenant"}}`)
	foreign := visit(t, h, path, `{"key":"`+fabrikamKey+`","where":{"scope":"tenant"}}`)
	if heard := own.shout("hello"); !strings.Contains(heard, `"broadcastMessage"`) {
		t.Errorf("who speaks hears %q", heard)
	}
	if heard := other.poll(); !strings.Contains(heard, `"hello"`) {
		t.Errorf("the tenant's other client hears %q", heard)
	}
	if heard := foreign.shout("later"); strings.Contains(heard, "hello") || !strings.Contains(heard, "later") {
		t.Errorf("another tenant's client hears %q", heard)
	}
	for _, v := range []*visitor{own, other, foreign} {
		v.bye()
	}
}

func TestTenants_whoIsMeant(t *testing.T) {
	h := serve(t, func(o *server.Options) {
		o.Tenants = tenantsFile(t, twoTenants)
		m := connected.New()
		o.Mounts = []server.Mount{{Path: "/contoso", Hubs: []*hub.Mux{m}, Tenant: "contoso"}, {Path: "/all", Hubs: []*hub.Mux{m}}}
	})
	for name, c := range map[string]struct {
		path, body, origin string
		status             int
		code               string
	}{
		"nobody says":                  {"/all", `{}`, "", 403, "tenant"},
		"by key":                       {"/all", `{"key":"` + contosoKey + `"}`, "", 200, ""},
		"by a key that is none":        {"/all", `{"key":"ek_zzzzzzzzzzzzzzzz"}`, "", 403, "key"},
		"by site":                      {"/all", `{}`, contosoSite, 200, ""},
		"by address":                   {"/contoso", `{}`, "", 200, ""},
		"key and site agree":           {"/all", `{"key":"` + contosoKey + `"}`, contosoSite, 200, ""},
		"key and site differ":          {"/all", `{"key":"` + contosoKey + `"}`, fabrikamSite, 403, "host"},
		"address and key differ":       {"/contoso", `{"key":"` + fabrikamKey + `"}`, "", 403, ""},
		"address and site differ":      {"/contoso", `{}`, fabrikamSite, 403, "host"},
		"a site of nobody":             {"/all", `{"key":"` + contosoKey + `"}`, "https://evil.example", 403, "-"},
		"a key in the parts' own page": {"/all", `{"key":"` + fabrikamKey + `"}`, "http://parts.example", 200, ""},
	} {
		var headers []string
		if c.origin != "" {
			headers = []string{"Origin", c.origin}
		}
		got := negotiate(h, c.path, c.body, headers...)
		if got.Code != c.status || c.code != "" && c.code != "-" && !strings.Contains(got.Body.String(), `"code":"`+c.code+`"`) {
			t.Errorf("%s: %d %s, not %d %s", name, got.Code, got.Body, c.status, c.code)
		}
	}
}

func TestTenants_whatCannotBe(t *testing.T) {
	file := tenantsFile(t, twoTenants)
	mistaken := tenantsFile(t, "tenants:\n  contoso:\n    hosts: [http//x]\n    guest: anybody\n")
	for want, o := range map[string]server.Options{
		"--tenants and --allow-host: the file of tenants says": {Tenants: file, AllowHosts: []string{"https://a.example"}},
		"--tenants: open ": {Tenants: file + "x"},
		"the tenants that --tenants declares:\n" + mistaken + ":3:": {Tenants: mistaken},
		`mount /x is of the tenant "northwind", which is not in`:    {Tenants: file, Mounts: []server.Mount{{Path: "/x", Hubs: []*hub.Mux{connected.New()}, Tenant: "northwind"}}},
		`mount /x is of the tenant "contoso", and there is no file`: {Mounts: []server.Mount{{Path: "/x", Hubs: []*hub.Mux{connected.New()}, Tenant: "contoso"}}},
	} {
		o.App = program.Built()
		if _, err := server.New(o); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, not %s", err, want)
		}
	}
}

// What may show a page, and where its pictures come from, is its tenant's to say.
func TestTenants_frameTheirOwnParts(t *testing.T) {
	two, one := withTenants(t, twoTenants), withTenants(t, "tenants: {contoso: {hosts: ["+contosoSite+"], embed-keys: ["+contosoKey+"]}}")
	for _, c := range []struct {
		h          http.Handler
		path, want string
		icons      string
	}{
		{two, "/parts/one?key=" + contosoKey, "frame-ancestors 'self' " + contosoSite, "img-src 'self' data: https://pictures.contoso.example"},
		{two, "/parts/one?KEY=" + fabrikamKey, "frame-ancestors 'self' " + fabrikamSite + " https://*.fabrikam.example", "img-src 'self' data:"},
		{two, "/parts/one", "frame-ancestors 'self'", "img-src 'self' data:"},
		{two, "/parts/one?key=ek_none", "frame-ancestors 'self'", "img-src 'self' data:"},
		{two, "/", "frame-ancestors 'self'", "img-src 'self' data:"},
		{one, "/parts/one", "frame-ancestors 'self' " + contosoSite, "img-src 'self' data:"},
		{one, "/parts/one?key=ek_none", "frame-ancestors 'self' " + contosoSite, "img-src 'self' data:"},
	} {
		policy := open(t, c.h, c.path).Header().Get("Content-Security-Policy")
		if !strings.HasSuffix(policy, "; "+c.want) || !strings.Contains(policy, "; "+c.icons+";") {
			t.Errorf("%s: the policy is %s", c.path, policy)
		}
	}
}

// The page and the log say the line that would allow a site, and whose line it is.
func TestTenants_whatWouldAllowASite(t *testing.T) {
	var log bytes.Buffer
	h := serve(t, func(o *server.Options) {
		o.Tenants = tenantsFile(t, twoTenants)
		o.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	page := open(t, h, "/parts/one?key="+fabrikamKey, framed("https://x.example/")...)
	const line = "hosts: [" + fabrikamSite + ", https://*.fabrikam.example, https://x.example]"
	if page.Code != http.StatusForbidden {
		t.Errorf("it is answered with %d", page.Code)
	}
	has(t, page, line, "the tenant fabrikam has to have this line")
	if !strings.Contains(log.String(), `tenant=fabrikam to_allow="`+line+`"`) {
		t.Errorf("the log says %s", log.String())
	}
	// Another tenant's site is any other.
	if page := open(t, h, "/parts/one?key="+fabrikamKey, framed(contosoSite+"/")...); page.Code != http.StatusForbidden {
		t.Errorf("another tenant's site gets %d", page.Code)
	}
	for _, site := range []string{fabrikamSite, "https://a.b.fabrikam.example"} {
		if page := open(t, h, "/parts/one?key="+fabrikamKey, framed(site+"/")...); page.Code != http.StatusOK {
			t.Errorf("%s gets %d", site, page.Code)
		}
	}
	// Without a key nobody knows whose parts these are, and nothing is said of anybody.
	log.Reset()
	page = open(t, h, "/parts/one", framed(contosoSite+"/")...)
	if page.Code != http.StatusForbidden || strings.Contains(page.Body.String(), "hosts:") || strings.Contains(page.Body.String(), "fabrikam") {
		t.Errorf("without a key: %d %s", page.Code, page.Body)
	}
	has(t, page, "Ask whoever made this page to paste the part again.")
	if !strings.Contains(log.String(), "?key=") {
		t.Errorf("the log says %s", log.String())
	}
}

// What a line says stands in the file as it is.
func TestTenants_theLineIsRight(t *testing.T) {
	const site = "https://[::1]:8443"
	file := "tenants: {contoso: {hosts: [" + contosoSite + "]}}"
	page := open(t, withTenants(t, file), "/parts/one", framed(site+"/")...)
	_, rest, _ := strings.Cut(page.Body.String(), `class="code" dir="ltr">`)
	line, _, _ := strings.Cut(rest, "<")
	line = strings.NewReplacer("&#34;", `"`, "&#43;", "+").Replace(line)
	book, err := tenants.Read([]byte("tenants: {contoso: {" + line + "}}"))
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	if only := book.Only(); !only.AllowsOrigin(site) || !only.AllowsOrigin(contosoSite) {
		t.Errorf("%q allows %q", line, only.Hosts)
	}
}
