package transport_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/transport"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// A connection belongs to who negotiated it, whatever later requests bring: nothing,
// or credentials of the same tenant and user.

// asUser are the headers of a session.
func asUser(of string) []string { return []string{"Authorization: Bearer session " + of} }

// idOf is how a client that is no socket names its connection.
func idOf(c talker) string {
	switch c := c.(type) {
	case *eventTalker:
		return c.id
	case *pollTalker:
		return c.id
	}
	return ""
}

func TestEachWay_laterRequestsNeedNoCredentials(t *testing.T) {
	for _, use := range uses {
		t.Run(use.method+strings.Join(use.headers, ""), func(t *testing.T) {
			s := serve(t, &transport.Options{Authority: &gate{}})
			q := s.requester("/talk")
			id := "?id=" + q.negotiate(asUser("ann contoso")...)
			if use.method == "GET" {
				res, err := q.start(t.Context(), "GET", id, nil, use.headers...)
				if err != nil || res.StatusCode >= 300 {
					t.Fatalf("opening without credentials: %v, %v", res, err)
				}
				_ = res.Body.Close()
				return
			}
			if res := q.do(t.Context(), "GET", id, ""); res.status != 200 {
				t.Fatalf("polling: %v", res)
			}
			if res := q.do(t.Context(), use.method, id, handshakeJSON, use.headers...); res.status >= 300 {
				t.Errorf("%s: %v", use.method, res)
			}
		})
	}
}

func TestEachWay_theConnectionIsItsNegotiators(t *testing.T) {
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		s := serve(t, &transport.Options{Authority: &gate{}})
		c := greet(t, open(s, "/talk", asUser("ann contoso")...))
		for _, to := range []hub.Target{s.talk.In("fabrikam").All(), s.talk.All(), s.talk.In("contoso").User("ann")} {
			if err := hub.Publish(t.Context(), to, heardEvent, say{"ann"}); err != nil {
				t.Fatal(err)
			}
		}
		if got := heardOf(t, c); !slices.Equal(got, []string{heard("ann")}) {
			t.Errorf("heard %q", got)
		}
	})
}

// Credentials of somebody else on an open connection, or on one that was negotiated:
// its secret looks like one that never was, and the connection goes on.
func TestHostile_credentialsOfAnotherOnAConnection(t *testing.T) {
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		g := &gate{}
		s := serve(t, &transport.Options{Authority: g})
		q := s.requester("/talk")
		others := map[string]reply{
			"session bob contoso":  {status: 404, body: "No Connection with that ID"},
			"session ann fabrikam": {status: 404, body: "No Connection with that ID"},
			"session ann":          {status: 404, body: "No Connection with that ID"},
			"session":              {status: 401, body: errToken.Error()},
			"ticket 1 ann contoso": {status: 401, body: errToken.Error()},
		}
		negotiated := "?id=" + q.negotiate(asUser("ann contoso")...)
		for bearer, want := range others {
			for _, use := range uses {
				res := q.do(t.Context(), use.method, negotiated, "", append([]string{"Authorization: Bearer " + bearer}, use.headers...)...)
				if res.status != want.status || res.body != want.body {
					t.Errorf("%s of what was negotiated, as %q: %v, want %v", use.method, bearer, res, want)
				}
			}
		}
		if res := q.do(t.Context(), "GET", negotiated, ""); res.status != 200 {
			t.Errorf("what was negotiated cannot be opened any more: %v", res)
		}
		defer q.do(t.Context(), "DELETE", negotiated, "")
		c := greet(t, open(s, "/talk", asUser("ann contoso")...))
		if id := idOf(c); id != "" {
			for bearer, want := range others {
				for _, use := range uses {
					res := q.do(t.Context(), use.method, id, handshakeJSON, append([]string{"Authorization: Bearer " + bearer}, use.headers...)...)
					if res.status != want.status || res.body != want.body {
						t.Errorf("%s as %q: %v, want %v", use.method, bearer, res, want)
					}
				}
			}
		}
		if err := hub.Publish(t.Context(), s.talk.In("contoso").User("ann"), heardEvent, say{"still here"}); err != nil {
			t.Fatal(err)
		}
		if got := heardOf(t, c); !slices.Equal(got, []string{heard("still here")}) {
			t.Errorf("ann heard %q", got)
		}
	})
}

// Ids that nobody was given, whoever asks and however.
func TestHostile_guessedIDs(t *testing.T) {
	s := serve(t, &transport.Options{Authority: &gate{}})
	q := s.requester("/talk")
	token := q.negotiate()
	guesses := []string{pageA, token[:21], token + "A", token[1:] + "A", strings.ToLower(token), strings.Repeat("A", 4096), "%00", "..%2f", "'", "0"}
	for _, id := range guesses {
		if id == token {
			continue
		}
		for _, use := range uses {
			for _, headers := range [][]string{nil, asUser("ann contoso")} {
				res := q.do(t.Context(), use.method, "?id="+id, handshakeJSON, append(headers, use.headers...)...)
				if res.status != 404 || res.body != "No Connection with that ID" {
					t.Errorf("%s %.30s: %v", use.method, id, res)
				}
			}
		}
	}
	if res := q.do(t.Context(), "GET", "?id="+token, ""); res.status != 200 {
		t.Errorf("the right one: %v", res)
	}
	q.do(t.Context(), "DELETE", "?id="+token, "")
}

// Later credentials of the same user renew the connection's; a request without any
// does not.
func TestRenew_byLaterRequests(t *testing.T) {
	g := &gate{}
	s := serve(t, &transport.Options{Authority: g})
	const hour = 3_600_000 // ms
	now := s.host.Wheel().Now()
	g.set(func() { g.expires = now + hour })
	p := s.poller("/talk", asUser("ann contoso")...)
	greet(t, p)
	expires := func() int64 {
		t.Helper()
		list, total := s.talk.Connections("contoso", nil, 10, "")
		if total != 1 {
			t.Fatalf("there are %d connections", total)
		}
		return list[0].Principal.Expires
	}
	g.set(func() { g.expires = now + 2*hour })
	if p.post(p.id, sayHello); expires() != now+hour {
		t.Errorf("without credentials it lasts until %d, want %d", expires(), now+hour)
	}
	if p.say(sayHello); expires() != now+2*hour {
		t.Errorf("with newer ones until %d, want %d", expires(), now+2*hour)
	}
}

const sayHello = `{"type":1,"target":"Say","arguments":["hello"]}` + "\x1e"

// A WebSocket needs no negotiation, and then it is the one.
func TestWebSocket_withoutNegotiation(t *testing.T) {
	g := &gate{}
	s := serve(t, &transport.Options{Authority: g})
	c := dialRaw(t, s.addr, "/talk", "Authorization: Bearer ticket 1 ann contoso")
	c.handshake()
	if asked, at := g.latest(); asked != nil || at.Hub != "talk" || at.Tenant != "" {
		t.Errorf("asked %+v at %q of %q", asked, at.Hub, at.Tenant)
	}
	if err := hub.Publish(t.Context(), s.talk.In("contoso").User("ann"), heardEvent, say{"ann"}); err != nil {
		t.Fatal(err)
	}
	if got := c.nextMessages(); !slices.Equal(got, []string{heard("ann")}) {
		t.Errorf("heard %q", got)
	}
	again := s.requester("/talk").do(t.Context(), "GET", "", "", append([]string{"Authorization: Bearer ticket 1 ann contoso"}, upgradeHeaders...)...)
	if again.status != 401 || again.body != errSpent.Error() {
		t.Errorf("the ticket once more: %v", again)
	}
}

// Two at once, and one comes in.
func TestHostile_oneTicketTwiceAtOnce(t *testing.T) {
	s := serve(t, &transport.Options{Authority: &gate{}})
	q := s.requester("/talk")
	const tries = 16
	answers := make(chan reply, tries)
	for i := range tries {
		go func() {
			if i%2 == 0 {
				answers <- q.do(t.Context(), "POST", "/negotiate?negotiateVersion=1", `{"ticket":"ticket 1 ann contoso"}`, inJSON)
			} else {
				answers <- q.do(t.Context(), "POST", "/negotiate?negotiateVersion=1", "", "Authorization: Bearer ticket 1 ann contoso")
			}
		}()
	}
	in := 0
	for range tries {
		if r := <-answers; r.status == http.StatusOK {
			in++
		} else if r.status != 401 || !strings.Contains(r.body, string(access.CodeTicketSpent)) {
			t.Errorf("answered %v", r)
		}
	}
	if in != 1 {
		t.Errorf("%d came in by one ticket", in)
	}
}

// The tenant of an address reaches the authority, over every kind of request.
func TestHandler_tenantOfTheAddress(t *testing.T) {
	g := &gate{}
	s := serve(t, &transport.Options{Authority: g})
	s.mux.Handle("/fabrikam/talk/", s.host.Handler(s.core, "TALK", &transport.HandlerOptions{Tenant: "fabrikam"}))
	c := dialRaw(t, s.addr, "/fabrikam/talk/")
	c.handshake()
	if _, at := g.latest(); at.Hub != "talk" || at.Tenant != "fabrikam" {
		t.Errorf("asked at %q of %q", at.Hub, at.Tenant)
	}
	if err := hub.Publish(t.Context(), s.talk.In("fabrikam").InScope(contract.ScopeTenant, ""), heardEvent, say{"hi"}); err != nil {
		t.Fatal(err)
	}
	if got := c.nextMessages(); !slices.Equal(got, []string{heard("hi")}) {
		t.Errorf("heard %q", got)
	}
}
