package api_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"partline.dev/server/api"
	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/server/keys"
	"partline.dev/server/tenants"
	"partline.dev/shared/contract"
)

// said is the event of the tests.
type said struct {
	Name  string
	Count int
}

var (
	talkHub   = contract.NewHub("talk")
	saidEvent = contract.NewEvent[said](talkHub, "said")
	joinCall  = contract.NewMethod[join, contract.None](talkHub, "Join")
	talkAPI   = contract.NewAPI(talkHub, saidEvent, joinCall)
)

type join struct{ Group string }

// fixture is a hub with two tenants, contoso and fabrikam, each with an API key.
type fixture struct {
	t        *testing.T
	handler  *api.Handler
	hub      *hubtest.Hub
	signer   *keys.Signer
	now      atomic.Int64 // ms
	contoso  string       // its API key
	fabrikam string
	revoked  []string // tenant, user and session
	fails    error    // of Revoke
}

// serve makes a fixture; change may change its options.
func serve(t *testing.T, change func(*api.Options)) *fixture {
	t.Helper()
	f := &fixture{t: t, signer: keys.NewSigner(keys.Random())}
	f.now.Store(1_700_000_000_000)
	m := hub.New(talkAPI)
	hub.Handle(m, joinCall, func(x *hub.Context, j join) (contract.None, error) {
		return contract.None{}, x.Join(j.Group)
	})
	f.hub = hubtest.New(t, m)
	var sums [2]string
	f.contoso, sums[0] = tenants.NewAPIKey()
	f.fabrikam, sums[1] = tenants.NewAPIKey()
	book, err := tenants.Read([]byte("tenants:\n" +
		"  contoso: {guests: anybody, api-keys: [{name: intranet, sha256: " + sums[0] + "}]}\n" +
		"  fabrikam: {guests: anybody, api-keys: [{name: site, sha256: " + sums[1] + "}]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	o := api.Options{
		Book: func() *tenants.Book { return book },
		Core: f.hub.Core(), Signer: f.signer, Now: f.now.Load, Log: logger(t),
		Revoke: func(tenant, user, session string) error {
			f.revoked = append(f.revoked, tenant+"/"+user+"/"+session)
			return f.fails
		},
	}
	if change != nil {
		change(&o)
	}
	f.handler = api.New(o)
	return f
}

// answer is what a request got.
type answer struct {
	*httptest.ResponseRecorder
	Code  int
	Error string // the code of a refusal
	Words string
}

// ask sends a request with key; headers are pairs of name and value.
func (f *fixture) ask(method, path, key, body string, headers ...string) answer {
	f.t.Helper()
	r := httptest.NewRequest(method, "http://parts.example"+path, strings.NewReader(body))
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] == "" {
			r.Header.Del(headers[i])
		} else {
			r.Header.Add(headers[i], headers[i+1])
		}
	}
	w := httptest.NewRecorder()
	f.handler.ServeHTTP(w, r)
	a := answer{ResponseRecorder: w, Code: w.Code}
	if w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Cache-Control") != "no-store" {
		f.t.Errorf("%s %s: the answer's headers are %v", method, path, w.Header())
	}
	for name := range w.Header() {
		if strings.HasPrefix(name, "Access-Control-") {
			f.t.Errorf("%s %s: a page may read the answer: %s", method, path, name)
		}
	}
	if w.Code >= 400 {
		var said struct{ Code, Error string }
		if err := errors.Join(json.Unmarshal(w.Body.Bytes(), &said)); err != nil || said.Code == "" || said.Error == "" {
			f.t.Errorf("%s %s: a refusal without code and words: %d %s", method, path, w.Code, w.Body)
		}
		a.Error, a.Words = said.Code, said.Error
	}
	return a
}

const publishPath = "/api/v1/hubs/talk/events/said"

// publish publishes body as contoso.
func (f *fixture) publish(body string, headers ...string) answer {
	f.t.Helper()
	return f.ask(http.MethodPost, publishPath, f.contoso, body, headers...)
}

func (a answer) want(t *testing.T, status int, code api.Code) {
	t.Helper()
	if a.Code != status || a.Error != string(code) {
		t.Errorf("the answer is %d %s, not %d %s", a.Code, strings.TrimSpace(a.Body.String()), status, code)
	}
}

// names are the Name of every event that c has heard since it was asked last.
func names(t *testing.T, c *hubtest.Client) string {
	t.Helper()
	var all []string
	for _, s := range hubtest.Heard(t, c, saidEvent) {
		all = append(all, s.Name)
	}
	return strings.Join(all, " ")
}

// logger writes to the test's output.
func logger(t *testing.T) *slog.Logger { return slog.New(slog.NewTextHandler(t.Output(), nil)) }
