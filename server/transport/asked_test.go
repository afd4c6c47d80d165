package transport_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// Ids of pages, as parts agree on them.
const (
	pageA = "AAAAAAAAAAAAAAAAAAAAAA"
	pageB = "BBBBBBBBBBBBBBBBBBBBBA"
)

// answered is what a client of ours reads of a negotiation.
type answered struct {
	ConnectionToken string
	Access          *access.Access
	Code            access.Code
	Error           string
}

// ask negotiates with a body in JSON.
func (q *requester) ask(body string, headers ...string) (reply, answered) {
	q.s.t.Helper()
	res := q.do(q.s.t.Context(), "POST", "/negotiate?negotiateVersion=1", body, append(headers, inJSON)...)
	var a answered
	if err := json.Unmarshal([]byte(res.body), &a); err != nil || !strings.HasPrefix(res.header.Get("Content-Type"), "application/json") {
		q.s.t.Fatalf("the negotiation was answered with %v", res)
	}
	return res, a
}

func TestNegotiate_whatIsAsked(t *testing.T) {
	g := &gate{}
	s := serve(t, &transport.Options{Authority: g})
	q := s.requester("/talk")
	for body, want := range map[string]*access.Request{
		``:     nil,
		" \n ": nil,
		`{}`:   {},
		`{"ticket":"ticket 1 ann contoso","key":"ek_1","name":"Ann","where":{"scope":"page","page":"` + pageA + `"}}`: {
			Ticket: "ticket 1 ann contoso", Key: "ek_1", Name: "Ann", Where: access.Where{Scope: "page", Page: pageA},
		},
		`{"Name":"Ann","later":{"a":[1,2,{}]},"where":null}`:                             {Name: "Ann"},
		`{"name":"An\u0301n","where":{"place":"Küche","session":"` + pageA + `"}}`:       {Name: "An\u0301n", Where: access.Where{Place: "Küche", Session: pageA}},
		`{"later":` + strings.Repeat("[", 60) + strings.Repeat("]", 60) + `}`:            {},
		`{"later":"` + strings.Repeat("x", access.MaxRequest-len(`{"later":""}`)) + `"}`: {},
	} {
		res, a := q.ask(body)
		if res.status != 200 || a.ConnectionToken == "" || (a.Access == nil) != (want == nil) {
			t.Errorf("%.80s: %v", body, res)
		}
		if got, _ := g.latest(); !reflect.DeepEqual(got, want) {
			t.Errorf("%.80s is read as %+v, want %+v", body, got, want)
		}
	}
}

func TestNegotiate_bodiesThatNobodyReads(t *testing.T) {
	g := &gate{}
	s := serve(t, &transport.Options{Authority: g})
	q := s.requester("/talk")
	for _, headers := range [][]string{nil, {"Content-Type: text/plain;charset=UTF-8"}, {"Content-Type: application/x-www-form-urlencoded"}, {"Content-Type: ;"}} {
		res := q.do(t.Context(), "POST", "/negotiate?negotiateVersion=1", `{"name":"Ann"}`, headers...)
		if asked, _ := g.latest(); res.status != 200 || strings.Contains(res.body, "access") || asked != nil {
			t.Errorf("%q: %v, read as %+v", headers, res, asked)
		}
	}
}

// What is wrong with a body is said by name, and before anybody is asked who it is.
func TestHostile_negotiateBodies(t *testing.T) {
	g := &gate{}
	s := serve(t, &transport.Options{Authority: g})
	q := s.requester("/talk")
	deep := func(n int) string { return `{"a":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}` }
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"16 KiB and one byte":     {`{"later":"` + strings.Repeat("x", access.MaxRequest-len(`{"later":""}`)+1) + `"}`, 413},
		"a megabyte":              {strings.Repeat(" ", 1<<20), 413},
		"no JSON":                 {"ticket=1", 400},
		"half an object":          {`{"ticket":"`, 400},
		"two objects":             {`{}{}`, 400},
		"a list":                  {`[]`, 400},
		"null":                    {`null`, 400},
		"a number for a name":     {`{"name":1}`, 400},
		"a list for where":        {`{"where":[]}`, 400},
		"65 levels":               {deep(64), 400},
		"8,000 levels":            {deep(8000), 400},
		"no UTF-8":                {"{\"name\":\"\xff\"}", 400},
		"no UTF-8 in what is new": {"{\"later\":\"\xc0\xaf\"}", 400},
		"half a surrogate":        {`{"name":"\ud800`, 400},
		"a bare control":          {"{\"name\":\"\x00\"}", 400},
		"UTF-16":                  {"\xff\xfe{\x00}\x00", 400},
	} {
		res, a := q.ask(c.body)
		if res.status != c.status || a.Code != access.CodeRequest || a.Error == "" || a.ConnectionToken != "" {
			t.Errorf("%s: %v", name, res)
		}
	}
	if n := g.count(); n != 0 {
		t.Errorf("the authority was asked %d times", n)
	}
	if n := s.host.Stats().Pending; n != 0 {
		t.Errorf("%d negotiations are kept", n)
	}
}

// A client of ours reads what it may do there, and joins what it asked for.
func TestNegotiate_access(t *testing.T) {
	s := serve(t, &transport.Options{Authority: &gate{}})
	q := s.requester("/talk")
	res, a := q.ask(`{"key":"contoso","name":"Ann","where":{"scope":"page","page":"` + pageA + `"}}`)
	want := access.Access{
		You: access.Person{Name: "Ann", Guest: true}, Scope: "page",
		Scopes: []contract.Scope{"page", "session", "place", "tenant"}, Speaks: []contract.Scope{"page", "session", "place", "tenant"},
	}
	if a.Access == nil || !reflect.DeepEqual(*a.Access, want) {
		t.Errorf("answered %s, want %+v", res.body, want)
	}
	if !strings.Contains(res.body, `"access":{"sessionToken":"","expires":0,"expiresIn":0,"you":{"id":"","name":"Ann"`) {
		t.Errorf("the names are not in camelCase: %s", res.body)
	}
	_, a = q.ask(`{"ticket":"ticket 1 ann contoso"}`)
	if a.Access == nil || a.Access.SessionToken != "session ann contoso" || a.Access.You != (access.Person{ID: "ann"}) || a.Access.Scope != "tenant" {
		t.Errorf("by a ticket: %+v", a.Access)
	}
}

func TestNegotiate_where(t *testing.T) {
	s := serve(t, &transport.Options{Authority: &gate{}})
	q := s.requester("/talk")
	open := func(where string) *rawClient {
		_, a := q.ask(`{"key":"contoso","where":` + where + `}`)
		c := dialRaw(t, s.addr, "/talk?id="+a.ConnectionToken)
		c.handshake()
		return c
	}
	members := map[string]*rawClient{
		"page A":    open(`{"scope":"page","page":"` + pageA + `"}`),
		"page B":    open(`{"scope":"page","page":"` + pageB + `","session":"` + pageA + `","place":"hall"}`),
		"session A": open(`{"scope":"SESSION","page":"` + pageB + `","session":"` + pageA + `"}`),
		"hall":      open(`{"scope":"place","place":"hall"}`),
		"tenant":    open(`{}`),
	}
	tenant := s.talk.In("contoso")
	for name, to := range map[string]hub.Target{
		"page A": tenant.InScope(contract.ScopePage, pageA), "page B": tenant.InScope(contract.ScopePage, pageB),
		"session A": tenant.InScope(contract.ScopeSession, pageA), "hall": tenant.InScope(contract.ScopePlace, "hall"),
		"tenant": tenant.InScope(contract.ScopeTenant, ""),
	} {
		if err := hub.Publish(t.Context(), to, heardEvent, say{name}); err != nil {
			t.Fatal(err)
		}
	}
	if err := hub.Publish(t.Context(), tenant.All(), heardEvent, say{"all"}); err != nil {
		t.Fatal(err)
	}
	for name, c := range members {
		var got []string
		for len(got) < 2 {
			got = append(got, c.nextMessages()...)
		}
		if got[0] != heard(name) || got[1] != heard("all") {
			t.Errorf("%s heard %q", name, got)
		}
	}
}

// Refusals are JSON with their code for who sent JSON, and text for others.
func TestNegotiate_refusals(t *testing.T) {
	g := &gate{}
	s := serve(t, &transport.Options{Authority: g})
	q := s.requester("/talk")
	for code, status := range map[access.Code]int{
		access.CodeTicketSpent: 401, access.CodeTicketExpired: 401, access.CodeTicket: 401, access.CodeSession: 401, access.CodeToken: 401,
		access.CodeSignIn: 401, access.CodeExpired: 401, access.CodeRevoked: 401,
		access.CodeName: 403, access.CodeKey: 403, access.CodeHost: 403, access.CodeTenant: 403, access.CodeScope: 403, access.CodeSpeak: 403,
		access.CodePlace: 403, access.CodeRules: 403, access.CodeIdentifier: 400, access.CodeRate: 429, access.CodeConnections: 429, access.CodeRooms: 429,
	} {
		why := &access.Refusal{Code: code, Message: "No, because <of> \"this\"."}
		g.set(func() { g.wrong = fmt.Errorf("%w, and the key is k-17", why) })
		res, a := q.ask(`{}`)
		if res.status != status || a.Code != code || a.Error != why.Message || (res.header.Get("WWW-Authenticate") == "Bearer") != (status == 401) {
			t.Errorf("%s: %v %v", code, res, res.header)
		}
		if (res.header.Get("Retry-After") != "") != (status == 429) {
			t.Errorf("%s: %v", code, res.header)
		}
		for _, r := range []reply{
			q.do(t.Context(), "POST", "/negotiate?negotiateVersion=1", ""),
			q.do(t.Context(), "GET", "?id="+pageA, ""),
			q.do(t.Context(), "GET", "", "", upgradeHeaders...),
		} {
			if r.status != status || r.body != why.Error() || r.header.Get("Content-Type") != "text/plain" || r.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s as text: %v %v", code, r, r.header)
			}
		}
	}
	// What is no refusal stays inside.
	g.set(func() { g.wrong = fmt.Errorf("the key k-17 is gone: %w", front.ErrForbidden) })
	if res, a := q.ask(`{}`); res.status != 403 || a.Code != "" || strings.Contains(res.body, "k-17") {
		t.Errorf("forbidden: %v", res)
	}
}

// What a hub does not give is refused before there is a connection.
func TestNegotiate_refusedByTheHub(t *testing.T) {
	s := serve(t, &transport.Options{Authority: &gate{}})
	q := s.requester("/talk")
	for where, code := range map[string]access.Code{
		`{"scope":"world"}`:                             access.CodeScope,
		`{"scope":"user"}`:                              access.CodeScope,
		`{"scope":"everybody"}`:                         access.CodeScope,
		`{"scope":"page"}`:                              access.CodeIdentifier,
		`{"scope":"page","page":"short"}`:               access.CodeIdentifier,
		`{"scope":"tenant","session":"` + pageA + `="}`: access.CodeIdentifier,
		`{"page":"AAAAAAAAAAAAAAAAAAAAAB"}`:             access.CodeIdentifier,
		`{"scope":"place"}`:                             access.CodePlace,
		`{"scope":"place","place":"a\u0000"}`:           access.CodePlace,
	} {
		if res, a := q.ask(`{"where":` + where + `}`); res.status < 400 || a.Code != code {
			t.Errorf("%s: %v, want %s", where, res, code)
		}
	}
	if n := s.host.Stats().Pending; n != 0 {
		t.Errorf("%d negotiations are kept", n)
	}
	// That uses up no ticket.
	for _, c := range []struct {
		scope  string
		status int
	}{{"world", 403}, {"user", 200}, {"user", 401}} {
		if res, _ := q.ask(`{"ticket":"ticket 1 ann contoso","where":{"scope":"` + c.scope + `"}}`); res.status != c.status {
			t.Errorf("%s by the ticket: %v, want %d", c.scope, res, c.status)
		}
	}
}

func FuzzParseRequest(f *testing.F) {
	for _, body := range []string{
		`{}`, `{"ticket":"pt1.x","key":"ek_1","name":"Ann","where":{"scope":"page","page":"` + pageA + `"}}`, `{"where":null,"later":[{}]}`,
		`{"where":{"scope":"session","session":"` + pageB + `","place":"\u00fc"}}`, `{"name":"\ud83d\ude00"}`, `[`, `{"a":`,
	} {
		f.Add(body)
	}
	s := serveInMemory(f, &transport.Options{Authority: &gate{}, NegotiateRate: 1 << 20, NegotiateBurst: 1 << 20, PendingLimit: 1 << 24})
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest("POST", "/talk/negotiate?negotiateVersion=1", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.mux.ServeHTTP(w, r)
		var a answered
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || (w.Code == 200) != (a.ConnectionToken != "") || w.Code >= 500 && w.Code != 503 {
			t.Errorf("%q is answered with %d %s", body, w.Code, w.Body)
		}
		if asked, ok := front.ParseRequest([]byte(body)); ok {
			// What a hub takes is kept as it is.
			if _, err := s.core.Access("talk", hub.Principal{ID: "ann"}, asked.Where); err == nil {
				got, ok := transport.PackWhere(asked.Where)
				got.Scope, asked.Where.Scope = lowered(got.Scope), lowered(asked.Where.Scope)
				if !ok || got != asked.Where {
					t.Errorf("%+v became %+v", asked.Where, got)
				}
			}
		}
	})
}

func lowered(s contract.Scope) contract.Scope { return contract.Scope(strings.ToLower(string(s))) }
