package api_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"partline.dev/server/api"
	"partline.dev/server/auth"
	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/tenants"
	"partline.dev/shared/access"
)

// listing is an answer about connections.
type listing struct {
	Total       int
	Connections []struct{ ID, User, Name, Session, Scope, Transport string }
	Next        string
}

func (f *fixture) list(key, query string) listing {
	f.t.Helper()
	a := f.ask(http.MethodGet, "/api/v1/hubs/talk/connections"+query, key, "")
	var l listing
	if err := json.Unmarshal(a.Body.Bytes(), &l); err != nil || a.Code != http.StatusOK {
		f.t.Fatalf("%s: %d %s", query, a.Code, a.Body)
	}
	return l
}

func TestConnections_whoAndHowMany(t *testing.T) {
	f := serve(t, nil)
	all := people(t, f)
	for query, want := range map[string]string{
		"":                        "ann bob page place",
		"?user=ann":               "ann",
		"?user=zoe":               "",
		"?group=sales":            "ann place",
		"?scope=place&id=standup": "place",
		"?scope=place&id=other":   "",
		"?scope=page&id=" + strings.Repeat("A", 22): "page",
		"?scope=tenant":      "ann",
		"?scope=user&id=bob": "bob",
	} {
		l := f.list(f.contoso, query)
		got := ""
		for _, name := range []string{"ann", "ann-f", "bob", "page", "page-f", "place", "place-f"} {
			for _, c := range l.Connections {
				if c.ID == all[name].ID() {
					got += " " + name
				}
			}
		}
		if strings.TrimSpace(got) != want || l.Total != len(l.Connections) {
			t.Errorf("%s lists%s of %d, not %s", query, got, l.Total, want)
		}
	}
	if l := f.list(f.contoso, "?user=ann"); l.Connections[0].User != "ann" || l.Connections[0].Scope != "tenant" {
		t.Errorf("ann is listed as %+v", l.Connections[0])
	}
	f.hub.Connect(hub.Principal{Tenant: "contoso", ID: "zoe", Session: "s1"})
	if l := f.list(f.contoso, "?user=zoe"); l.Connections[0].Session != "s1" {
		t.Errorf("who can be taken back by a session is listed as %+v", l.Connections[0])
	}
	if l := f.list(f.fabrikam, ""); l.Total != 3 {
		t.Errorf("of another tenant there are %+v", l)
	}
	if l := f.list(f.contoso, "?limit=0"); l.Total != 5 || len(l.Connections) != 0 || l.Next != "" {
		t.Errorf("how many are there: %+v", l)
	}
}

func TestConnections_inPages(t *testing.T) {
	f := serve(t, nil)
	const many = 25
	for i := range many {
		f.hub.Connect(hub.Principal{Tenant: "contoso", ID: fmt.Sprint("user", i)})
	}
	seen, pages := map[string]bool{}, 0
	for after := ""; ; pages++ {
		l := f.list(f.contoso, "?limit=7&after="+url.QueryEscape(after))
		if l.Total != many {
			t.Errorf("it counts %d", l.Total)
		}
		for _, c := range l.Connections {
			seen[c.ID] = true
		}
		if after = l.Next; after == "" {
			break
		}
	}
	if len(seen) != many || pages != 3 {
		t.Errorf("%d connections in %d pages", len(seen), pages+1)
	}
}

func TestConnections_whatIsRefused(t *testing.T) {
	f := serve(t, nil)
	for query, code := range map[string]api.Code{
		"?limit=x":                  api.CodeBody,
		"?limit=-1":                 api.CodeBody,
		"?limit=1001":               api.CodeBody,
		"?tenant=fabrikam":          api.CodeBody,
		"?user=a&user=b":            api.CodeBody,
		"?a;b":                      api.CodeBody,
		"?%zz":                      api.CodeBody,
		"?user=a&group=b":           api.CodeTarget,
		"?user=":                    api.CodeTarget,
		"?group=a%01":               api.CodeTarget,
		"?id=x":                     api.CodeTarget,
		"?scope=room":               api.CodeTarget,
		"?scope=place":              api.CodeTarget,
		"?scope=tenant&id=fabrikam": api.CodeTarget,
	} {
		if a := f.ask(http.MethodGet, "/api/v1/hubs/talk/connections"+query, f.contoso, ""); a.Code != http.StatusBadRequest || a.Error != string(code) {
			t.Errorf("%s: %d %s", query, a.Code, a.Body)
		}
	}
	f.ask(http.MethodGet, "/api/v1/hubs/talk/connections?scope=world", f.contoso, "").want(t, http.StatusForbidden, api.CodeWorld)
	f.ask(http.MethodGet, "/api/v1/hubs/walk/connections", f.contoso, "").want(t, http.StatusNotFound, api.CodeHub)
	f.ask(http.MethodPost, "/api/v1/hubs/talk/connections", f.contoso, "{}").want(t, http.StatusMethodNotAllowed, api.CodeMethod)
}

// A ticket that the API made lets its user in, once, and only where it says.
func TestTickets_letIn(t *testing.T) {
	f := serve(t, nil)
	f.now.Store(time.Now().UnixMilli())
	book, err := tenants.Read([]byte("tenants: {contoso: {guests: anybody}, fabrikam: {guests: anybody}}"))
	if err != nil {
		t.Fatal(err)
	}
	authority, err := auth.New(auth.Options{Book: func() *tenants.Book { return book }, Signer: f.signer, Log: logger(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = authority.Close() }()
	a := f.ask(http.MethodPost, "/api/v1/tickets", f.contoso,
		`{"user":"ann","name":"Ann","roles":["editor"],"hubs":["talk"],"places":["standup"],"scope":"place","scopes":["place","page"],"for":120,"session":3600}`)
	var reply struct {
		Ticket  string
		Expires int64
	}
	if err := json.Unmarshal(a.Body.Bytes(), &reply); err != nil || a.Code != http.StatusOK {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	if reply.Expires != f.now.Load()+120_000 || !strings.HasPrefix(reply.Ticket, "pt1.") {
		t.Errorf("it is %+v", reply)
	}
	redeem := func() (front.Admission, error) {
		r := httptest.NewRequest(http.MethodPost, "http://parts.example/hubs/talk/negotiate", nil)
		return authority.Negotiate(r, front.At{Hub: "talk"}, &access.Request{Ticket: reply.Ticket})
	}
	in, err := redeem()
	if p := in.Principal; err != nil || p.Tenant != "contoso" || p.ID != "ann" || p.Name != "Ann" || p.Scope != "place" || len(p.Roles) != 1 || len(p.Scopes.List()) != 2 {
		t.Errorf("it lets in %+v: %v", p, err)
	}
	if _, err := redeem(); err == nil {
		t.Error("it lets somebody in twice")
	}
	if got := f.handler.Stats().Minted; got != 1 {
		t.Errorf("it counts %d tickets", got)
	}
}

func TestTickets_whatIsRefused(t *testing.T) {
	f := serve(t, nil)
	for body, want := range map[string]struct {
		status int
		code   api.Code
	}{
		`{"tenant":"fabrikam","user":"ann"}`: {403, api.CodeTenant},
		`{"user":1}`:                         {400, api.CodeBody},
		`{"user":"a\u0001"}`:                 {400, api.CodeBody},
		`{"name":"a\u202eb"}`:                {400, api.CodeBody},
		`{"icon":"http://x/y"}`:              {400, api.CodeBody},
		`{"icon":"javascript:alert(1)"}`:     {400, api.CodeBody},
		`{"roles":"editor"}`:                 {400, api.CodeBody},
		`{"scope":"room"}`:                   {400, api.CodeBody},
		`{"scopes":["page","room"]}`:         {400, api.CodeBody},
		`{"scope":"place"}`:                  {400, api.CodeBody},
		`{"for":-1}`:                         {400, api.CodeBody},
		`{"for":601}`:                        {400, api.CodeBody},
		`{"for":"60s"}`:                      {400, api.CodeBody},
		`{"for":1e30}`:                       {400, api.CodeBody},
		`{"session":999999999}`:              {400, api.CodeBody},
		`{"admin":true}`:                     {400, api.CodeBody},
		`[]`:                                 {400, api.CodeBody},
		`{"hubs":["` + strings.Repeat("a", 70<<10) + `"]}`: {413, api.CodeTooLong},
	} {
		if a := f.ask(http.MethodPost, "/api/v1/tickets", f.contoso, body); a.Code != want.status || a.Error != string(want.code) {
			t.Errorf("%.60s: %d %s", body, a.Code, a.Body)
		}
	}
	// The key's own tenant may be said.
	f.ask(http.MethodPost, "/api/v1/tickets", f.contoso, `{"tenant":"contoso"}`).want(t, 200, "")
}

func TestRevocations(t *testing.T) {
	f := serve(t, nil)
	f.ask(http.MethodPost, "/api/v1/revocations", f.contoso, `{"user":"ann"}`).want(t, 200, "")
	f.ask(http.MethodPost, "/api/v1/revocations", f.fabrikam, `{"session":"s1"}`).want(t, 200, "")
	if got := strings.Join(f.revoked, " "); got != "contoso/ann/ fabrikam//s1" {
		t.Errorf("what was taken back is %s", got)
	}
	for _, body := range []string{`{}`, `{"user":"a","session":"b"}`, `{"user":""}`, `{"user":"a\u0001"}`, `{"user":["a"]}`, `{"tenant":"fabrikam","user":"a"}`, `x`} {
		f.ask(http.MethodPost, "/api/v1/revocations", f.contoso, body).want(t, 400, api.CodeBody)
	}
	if len(f.revoked) != 2 {
		t.Errorf("what was refused was taken back: %q", f.revoked)
	}
	f.fails = errors.New("the disk /var/x is full")
	a := f.ask(http.MethodPost, "/api/v1/revocations", f.contoso, `{"user":"ann"}`)
	a.want(t, 500, api.CodeInternal)
	if strings.Contains(a.Body.String(), "disk") {
		t.Errorf("the answer says what is inside: %s", a.Body)
	}
	f.fails = auth.ErrTooManyRevoked
	f.ask(http.MethodPost, "/api/v1/revocations", f.contoso, `{"user":"ann"}`).want(t, 429, api.CodeRate)
}
