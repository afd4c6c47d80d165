package gateway_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"partline.dev/server/edge/gateway"
	"partline.dev/server/edge/inside"
	"partline.dev/server/grants"
	"partline.dev/shared/access"
)

// negotiate negotiates as our own client does, of a program.
func negotiate(h http.Handler, body string) *httptest.ResponseRecorder {
	return ask(h, "POST", "/hubs/connected/negotiate?negotiateVersion=1", body, "Content-Type", "application/json")
}

func (e *edge) mint(t *testing.T, ticket grants.Ticket) string {
	t.Helper()
	text, err := grants.Mint(e.signer, ticket, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestNegotiate_asksTheRoomOfThePlace(t *testing.T) {
	e := newEdge(t, threeTenants)
	for _, c := range []struct {
		what   string
		ticket grants.Ticket
		where  string
		room   string
		places []string
		status int
	}{
		{"nowhere", grants.Ticket{Tenant: "northwind", User: "ann"}, `{}`, "room\x00northwind\x00", nil, 200},
		{"any place", grants.Ticket{Tenant: "northwind", User: "ann"}, `{"place":"hall"}`, "room\x00northwind\x00hall", []string{"hall"}, 200},
		{"a place with a name of its own", grants.Ticket{Tenant: "northwind", User: "ann"}, `{"place":"a\u00fc/b c"}`, "room\x00northwind\x00aü/b c", []string{"aü/b c"}, 200},
		{"a place that cannot be", grants.Ticket{Tenant: "northwind", User: "ann"}, `{"place":"a\u0000b"}`, "room\x00northwind\x00", nil, 403},
		{"its own place", grants.Ticket{Tenant: "contoso", User: "ann", Places: []string{"hall", "yard"}}, `{}`, "room\x00contoso\x00hall", []string{"hall"}, 200},
		{"its other place", grants.Ticket{Tenant: "contoso", User: "ann", Places: []string{"hall", "yard"}}, `{"scope":"place","place":"yard"}`, "room\x00contoso\x00yard", []string{"yard"}, 200},
		{"a place that is not its", grants.Ticket{Tenant: "contoso", User: "ann", Places: []string{"hall"}}, `{"scope":"place","place":"yard"}`, "room\x00contoso\x00", nil, 403},
		{"no place of its own", grants.Ticket{Tenant: "contoso", User: "ann"}, `{"place":"yard"}`, "room\x00contoso\x00", nil, 200},
	} {
		w := negotiate(e, `{"ticket":"`+e.mint(t, c.ticket)+`","where":`+c.where+`}`)
		asked := e.questions()
		if w.Code != c.status || len(asked) == 0 {
			t.Errorf("%s: %d %s, asked %v", c.what, w.Code, w.Body, asked)
			continue
		}
		got := asked[0]
		if got.object != c.room || got.path != inside.PathNegotiate || !strings.HasSuffix(c.room, "\x00"+got.Place) || !slices.Equal(got.Principal.Places, c.places) {
			t.Errorf("%s: %q is asked for %q with %q", c.what, got.object, got.Place, got.Principal.Places)
		}
		if spent := len(asked) == 2 && asked[1].object == "tickets\x00"+c.ticket.Tenant; spent != (c.status == 200) {
			t.Errorf("%s: the ticket: %v", c.what, asked[1:])
		}
	}
}

func TestNegotiate_tellsTheRoomWhoComes(t *testing.T) {
	e := newEdge(t, threeTenants)
	r := request("POST", "/hubs/Connected/negotiate", `{"name":"Ann","where":{"scope":"page","page":"AAAAAAAAAAAAAAAAAAAAAA"}}`, "Content-Type", "application/json", "Origin", "https://northwind.example")
	r.RemoteAddr = "[2001:db8::7]:443"
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	asked := e.questions()
	if w.Code != http.StatusOK || len(asked) != 1 {
		t.Fatal(w.Code, w.Body, asked)
	}
	q := asked[0]
	if q.Hub != "Connected" || q.Principal.Tenant != "northwind" || q.Principal.Name != "Ann" || q.Where.Scope != "page" || q.Where.Page == "" ||
		q.Address != "2001:db8::/64" || q.Origin != "https://northwind.example" || !q.Old {
		t.Errorf("%+v", q)
	}
	if !strings.Contains(w.Body.String(), `"connectionId":"`+roomID+`.`) || strings.Contains(w.Body.String(), "connectionToken") {
		t.Errorf("of version 0 the id is no token: %s", w.Body)
	}
	if !slices.Equal(e.counts, []string{"2001:db8::/64"}) {
		t.Errorf("counted %q", e.counts)
	}
}

func TestSocket_isLedToItsRoom(t *testing.T) {
	e := newEdge(t, threeTenants)
	upgrade := []string{"Upgrade", "websocket", "Connection", "Upgrade"}
	w := ask(e, "GET", "/hubs/connected?access_token="+e.mint(t, grants.Ticket{Tenant: "contoso", User: "ann"}), "", upgrade...)
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get(gateway.HeaderRoom), roomID+".") || w.Body.Len() > 0 {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	asked := e.questions()
	if len(asked) != 2 || asked[0].Principal.ID != "ann" || asked[0].Old || asked[1].path != inside.PathSpend {
		t.Errorf("%+v", asked)
	}
	// No answer to anything else names a room.
	for _, r := range []*httptest.ResponseRecorder{
		negotiate(e, `{"key":"ek_northwind__________"}`),
		ask(e, "GET", "/hubs/connected", "", "Accept", "text/event-stream"),
		ask(e, "GET", "/parts/one", "", upgrade...),
	} {
		if r.Header().Get(gateway.HeaderRoom) != "" {
			t.Errorf("%d %v", r.Code, r.Header())
		}
	}
}

func TestNegotiate_isLimited(t *testing.T) {
	e := newEdge(t, "")
	e.deny = true
	w := negotiate(e, `{}`)
	if w.Code != http.StatusTooManyRequests || !strings.Contains(w.Body.String(), `"code":"rate"`) || w.Header().Get("Retry-After") == "" || len(e.questions()) != 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w = ask(e, "GET", "/hubs/connected", "", "Upgrade", "websocket", "Connection", "Upgrade")
	if w.Code != http.StatusTooManyRequests {
		t.Errorf("a WebSocket: %d %s", w.Code, w.Body)
	}
	// Who cannot count lets in: rooms have limits of their own.
	e.deny, e.fails = false, errors.New("nothing counts")
	if w := negotiate(e, `{}`); w.Code != http.StatusOK || !strings.Contains(e.log.String(), "nothing counts") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestNegotiate_passesOnWhatTheRoomSays(t *testing.T) {
	e := newEdge(t, "")
	said := func(r inside.Refusal) func(string) (int, []byte, error) {
		return func(string) (int, []byte, error) { return answer(r.Status, r) }
	}
	raw := func(status int, body string) func(string) (int, []byte, error) {
		return func(string) (int, []byte, error) { return status, []byte(body), nil }
	}
	for _, c := range []struct {
		what    string
		refuse  func(string) (int, []byte, error)
		status  int
		retry   string
		json    string
		text    string
		secrets string
	}{
		{"full", said(inside.Refusal{Status: 503, Text: "Full.", Retry: 30}), 503, "30", `{"error":"Full."}`, "Full.", ""},
		{"too many", said(inside.Refusal{Status: 429, Code: access.CodeConnections, Text: "Too many.", Retry: 7}), 429, "7", `{"code":"connections","error":"Too many."}`, "[connections] Too many.", ""},
		{"a code", said(inside.Refusal{Status: 403, Code: access.CodeConnections, Text: "Too many."}), 429, "5", `{"code":"connections","error":"Too many."}`, "[connections] Too many.", ""},
		{"nobody", said(inside.Refusal{Status: 403}), 403, "", `{"error":""}`, "", ""},
		{"another version", said(inside.Refusal{Status: 503, Code: inside.CodeVersion, Text: "Soon.", Retry: 5}), 503, "5", `{"code":"version","error":"Soon."}`, "[version] Soon.", ""},
		{"a newer answer", raw(200, `{"ident":"x"}`), 503, "5", `"code":"version"`, "[version] ", ""},
		{"no JSON", raw(200, "secret-of-the-room"), 503, "5", `"code":"version"`, "[version] ", "secret-of-the-room"},
		{"an exception", raw(500, "Error: secret-of-the-room"), 503, "5", `"code":"version"`, "[version] ", "secret-of-the-room"},
		{"another status", raw(404, `{"status":403,"text":"secret-of-the-room"}`), 503, "5", `"code":"version"`, "[version] ", "secret-of-the-room"},
		{"a redirect", raw(302, `{"status":302,"text":"secret-of-the-room"}`), 503, "5", `"code":"version"`, "[version] ", "secret-of-the-room"},
		{"nothing", func(string) (int, []byte, error) { return 0, nil, errors.New("secret-of-the-room") }, 503, "1", `{"error":"The room does not answer now. Try again."}`, "The room", "secret-of-the-room"},
	} {
		e.refuse = c.refuse
		w := negotiate(e, `{}`)
		if w.Code != c.status || w.Header().Get("Retry-After") != c.retry || !strings.Contains(w.Body.String(), c.json) {
			t.Errorf("%s: %d %v %s", c.what, w.Code, w.Header(), w.Body)
		}
		plain := ask(e, "POST", "/hubs/connected/negotiate", "")
		if plain.Code != c.status || !strings.HasPrefix(plain.Body.String(), c.text) {
			t.Errorf("%s, as text: %d %s", c.what, plain.Code, plain.Body)
		}
		if c.secrets != "" && strings.Contains(w.Body.String()+plain.Body.String(), c.secrets) {
			t.Errorf("%s: the client reads what is inside: %s", c.what, w.Body)
		}
	}
}

func TestTickets_areUsedUpElsewhere(t *testing.T) {
	e := newEdge(t, "")
	negotiated := func(path string) (int, []byte, error) {
		return answer(http.StatusOK, inside.Negotiated{ID: "id", Token: roomID + ".s"})
	}
	for _, c := range []struct {
		what   string
		spend  func() (int, []byte, error)
		status int
		says   string
	}{
		{"it does not answer", func() (int, []byte, error) { return 0, nil, errors.New("gone") }, 503, "Try again"},
		{"another version", func() (int, []byte, error) {
			return answer(503, inside.Refusal{Status: 503, Code: inside.CodeVersion, Text: "Soon."})
		}, 503, "Try again"},
		{"it is full", func() (int, []byte, error) {
			return answer(429, inside.Refusal{Status: 429, Code: access.CodeRate, Text: "Many."})
		}, 429, `"code":"rate"`},
		{"it was used", func() (int, []byte, error) {
			return answer(401, inside.Refusal{Status: 401, Code: access.CodeTicketSpent, Text: "Used."})
		}, 401, `"code":"ticket-spent"`},
		{"it was not", func() (int, []byte, error) { return 200, []byte("{}"), nil }, 200, "connectionToken"},
	} {
		e.refuse = func(path string) (int, []byte, error) {
			if path == inside.PathSpend {
				return c.spend()
			}
			return negotiated(path)
		}
		w := negotiate(e, `{"ticket":"`+e.mint(t, grants.Ticket{User: "ann"})+`"}`)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) || (w.Header().Get("Retry-After") != "") != (c.status == 503 || c.status == 429) {
			t.Errorf("%s: %d %v %s", c.what, w.Code, w.Header(), w.Body)
		}
	}
}

// SignalR 2 negotiates by GET: its hubs are elsewhere.
func TestNegotiate_isPosted(t *testing.T) {
	e := newEdge(t, "")
	for _, method := range []string{"GET", "PUT", "OPTIONS", "BREW"} {
		w := ask(e, method, "/hubs/connected/negotiate", "")
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" {
			t.Errorf("%s: %d %v", method, w.Code, w.Header())
		}
	}
}
