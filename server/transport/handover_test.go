package transport_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
	"partline.dev/shared/access"
)

// A client that brings a ticket as its bearer token is sent to the address where it
// is, with a token that is good for many requests.
func TestHandover_address(t *testing.T) {
	const own = "https://parts.example/apps"
	for name, c := range map[string]struct {
		policy *front.Policy
		prefix string
		target string // as the request has it
		change func(r *http.Request)
		want   string
	}{
		"as it is":             {target: "http://hub.example/talk/negotiate?negotiateVersion=1", want: "http://hub.example/talk"},
		"a slash at the end":   {target: "http://hub.example/talk/negotiate/?negotiateVersion=1", want: "http://hub.example/talk"},
		"the page's own query": {target: "http://hub.example/talk/negotiate?room=k%C3%BCche&negotiateVersion=1&useStatefulReconnect=true&x=%26", want: "http://hub.example/talk?room=k%C3%BCche&x=%26"},
		"no token stays":       {target: "http://hub.example/talk/negotiate?ACCESS_TOKEN=t&a=1&access%5Ftoken=t&NegotiateVersion=1&&=", want: "http://hub.example/talk?a=1"},
		"what cannot be read":  {target: "http://hub.example/talk/negotiate?a=1", change: func(r *http.Request) { r.URL.RawQuery = "%zz=1&a=1" }, want: "http://hub.example/talk?a=1"},
		"an escaped path":      {target: "http://hub.example/a%2Fb/talk/negotiate", want: "http://hub.example/a%2Fb/talk"},
		"TLS":                  {target: "https://hub.example:8443/talk/negotiate", want: "https://hub.example:8443/talk"},
		"a trusted proxy's TLS": {target: "http://hub.example/talk/negotiate", change: func(r *http.Request) { r.URL.Scheme = "https" },
			want: "https://hub.example/talk"},
		"a page of its own behind a proxy": {target: "http://hub.example/talk/negotiate", change: func(r *http.Request) { r.Header.Set("Origin", "https://hub.example") },
			want: "https://hub.example/talk"},
		"a public address with a prefix": {policy: newPolicy(t, "https://parts.example", nil), prefix: "/apps",
			target: "http://10.0.0.7:8080/talk/negotiate?negotiateVersion=1", want: own + "/talk"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, &transport.Options{Authority: &gate{}, Policy: c.policy})
			h := s.host.Handler(s.core, "talk", &transport.HandlerOptions{Prefix: c.prefix})
			r := httptest.NewRequest("POST", c.target, nil)
			r.Header.Set("Authorization", "Bearer ticket 1 ann contoso")
			if c.change != nil {
				c.change(r)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			var got struct{ URL, AccessToken string }
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			if got.URL != c.want || got.AccessToken != "session ann contoso" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("sent to %q with %q, want %q", got.URL, got.AccessToken, c.want)
			}
		})
	}
}

// What it is sent to works, and the ticket does not any more.
func TestHandover_thenConnects(t *testing.T) {
	g := &gate{}
	s := serve(t, &transport.Options{Authority: g})
	q := s.requester("/talk")
	ticket := "Authorization: Bearer ticket 1 ann contoso"
	first := q.do(t.Context(), "POST", "/negotiate?negotiateVersion=1", "", ticket)
	var to struct{ URL, AccessToken string }
	if err := json.Unmarshal([]byte(first.body), &to); err != nil || to.URL != "http://"+s.addr+"/talk" {
		t.Fatalf("handed over by %v", first)
	}
	if n := s.host.Stats(); n.Pending != 0 || n.Negotiations != 0 {
		t.Errorf("%d negotiations are kept of %d", n.Pending, n.Negotiations)
	}
	bearer := "Authorization: Bearer " + to.AccessToken
	c := dialRaw(t, s.addr, strings.TrimPrefix(to.URL, "http://"+s.addr)+"?id="+q.negotiate(bearer), bearer)
	c.handshake()
	if err := hub.Publish(t.Context(), s.talk.In("contoso").User("ann"), heardEvent, say{"ann"}); err != nil {
		t.Fatal(err)
	}
	if got := c.nextMessages(); !slices.Equal(got, []string{heard("ann")}) {
		t.Errorf("heard %q", got)
	}
	if again := q.do(t.Context(), "POST", "/negotiate?negotiateVersion=1", "", ticket); again.status != 401 || again.body != errSpent.Error() {
		t.Errorf("the ticket once more: %v", again)
	}
}

// A wrong version is said before a ticket is used up, and an address that sends its
// clients elsewhere sends who has used up a ticket with the session.
func TestHandover_andRedirect(t *testing.T) {
	g := &gate{}
	s := serve(t, &transport.Options{Authority: g})
	to := ""
	s.mux.Handle("/other/talk/negotiate", s.host.Handler(s.core, "talk", &transport.HandlerOptions{
		Redirect: func(*http.Request, hub.Principal) (string, string, bool) {
			return "https://elsewhere.example/talk", to, true
		},
	}))
	q := s.requester("/other/talk")
	ticket := "Authorization: Bearer ticket 1 ann contoso"
	if res := q.do(t.Context(), "POST", "/negotiate?negotiateVersion=x", "", ticket); res.status != 200 || g.count() != 0 {
		t.Errorf("%v; the authority was asked %d times", res, g.count())
	}
	for _, c := range []struct{ ticket, given, want string }{
		{"1", "", "session ann contoso"},
		{"2", "theirs", "theirs"},
	} {
		to = c.given
		res := q.do(t.Context(), "POST", "/negotiate?negotiateVersion=1", "", "Authorization: Bearer ticket "+c.ticket+" ann contoso")
		if want := `{"url":"https://elsewhere.example/talk","accessToken":"` + c.want + `"}`; res.body != want {
			t.Errorf("sent by %v, want %s", res, want)
		}
	}
}

// The policy is another from one request to the next, and who is there stays.
func TestSetPolicy(t *testing.T) {
	const before, after = "https://before.example", "https://after.example"
	g := &gate{}
	s := serve(t, &transport.Options{Authority: g, Policy: newPolicy(t, "https://hub.example", []string{before})})
	eachOrigin := func(allowed, refused string) {
		t.Helper()
		for origin, ok := range map[string]bool{allowed: true, refused: false, "https://hub.example": true} {
			calls := g.count()
			preflight, _ := s.do("OPTIONS", "/talk/negotiate", "Origin: "+origin, "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type")
			res, _ := s.do("POST", "/talk/negotiate?negotiateVersion=1", "Origin: "+origin)
			if (preflight.StatusCode == 204) != ok || (res.StatusCode == 200) != ok || (res.Header.Get("Access-Control-Allow-Origin") == origin) != ok {
				t.Errorf("%s: the preflight %d, the negotiation %d %v, want ok %v", origin, preflight.StatusCode, res.StatusCode, res.Header, ok)
			}
			if asked := g.count() - calls; (asked == 1) != ok || asked > 1 {
				t.Errorf("%s: the authority was asked %d times", origin, asked)
			}
		}
	}
	eachOrigin(before, after)
	c := dialRaw(t, s.addr, "/talk", "Origin: "+before)
	c.handshake()
	s.host.SetPolicy(newPolicy(t, "https://hub.example", []string{after}))
	eachOrigin(after, before)
	c.send(text, sayHello)
	if got := c.nextMessages(); !slices.Equal(got, []string{heard("hello")}) {
		t.Errorf("the page that was there heard %q", got)
	}
}

// Nothing happens before the authority has agreed: for every kind of request, what
// it refuses looks alike whether there is such a connection or not.
func TestHostile_nothingBeforeTheAuthority(t *testing.T) {
	g := &gate{}
	s := serve(t, &transport.Options{Authority: g})
	q := s.requester("/talk")
	p := s.poller("/talk")
	greet(t, p)
	pending := q.negotiate()
	errHost := &access.Refusal{Code: access.CodeHost, Message: "This site is not allowed here."}
	g.set(func() { g.wrong = errHost })
	for _, id := range []string{p.id, "?id=" + pending, "?id=" + pageA, ""} {
		for _, use := range uses {
			calls := g.count()
			res := q.do(t.Context(), use.method, id, sayHello, append([]string{"Origin: http://" + s.addr}, use.headers...)...)
			if res.status != 403 || res.body != errHost.Error() || g.count() != calls+1 {
				t.Errorf("%s of %.9q: %v, the authority was asked %d times", use.name, id, res, g.count()-calls)
			}
		}
	}
	if res := q.do(t.Context(), "POST", "/negotiate?negotiateVersion=1", ""); res.status != 403 {
		t.Errorf("negotiate: %v", res)
	}
	if n := s.host.Stats(); n.Pending != 1 || n.Links != 1 {
		t.Errorf("%d negotiations and %d links are there, want one each", n.Pending, n.Links)
	}
	g.set(func() { g.wrong = nil })
	s.publish("still here")
	if got := heardOf(t, p); !slices.Equal(got, []string{heard("still here")}) {
		t.Errorf("heard %q", got)
	}
}
