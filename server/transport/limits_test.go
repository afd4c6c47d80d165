package transport_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

func TestLimit_connections(t *testing.T) {
	s := serve(t, &transport.Options{ConnectionLimit: 2, ConnectionsPerAddress: 2})
	a := greet(t, s.poller("/talk"))
	greet(t, s.events("/talk"))
	q := s.requester("/talk")
	for _, headers := range [][]string{nil, {"Accept: text/event-stream"}, upgradeHeaders} {
		res := q.do(t.Context(), "GET", "?id="+q.negotiate(), "", headers...)
		if res.status != http.StatusServiceUnavailable || res.body != "The server has as many connections as it may have. Try again later." || res.header.Get("Retry-After") == "" {
			t.Errorf("one too many with %v: %v", headers, res)
		}
	}
	a.leave()
	greet(t, s.poller("/talk"))
	if got := s.host.Stats().Handshaking; got != 0 {
		t.Errorf("%d handshakes are pending", got)
	}
}

func TestLimit_connectionsPerAddress(t *testing.T) {
	address := func(r *http.Request) string { return r.Header.Get("X-Address") }
	s := serve(t, &transport.Options{ConnectionsPerAddress: 1, ClientAddress: address})
	one := greet(t, s.poller("/talk", "X-Address: one"))
	q := s.requester("/talk")
	res := q.do(t.Context(), "GET", "?id="+q.negotiate("X-Address: one"), "", "X-Address: one")
	if res.status != http.StatusTooManyRequests || !strings.HasPrefix(res.body, "Your address has as many connections as it may have.") {
		t.Errorf("one too many: %v", res)
	}
	greet(t, s.poller("/talk", "X-Address: other"))
	one.leave()
	greet(t, s.poller("/talk", "X-Address: one"))
}

func TestLimit_negotiateRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		address := "one"
		s := serveInMemory(t, &transport.Options{NegotiateRate: 2, NegotiateBurst: 4, ClientAddress: func(*http.Request) string { return address }})
		ask := func(n int) (answered int) {
			for range n {
				res, body := s.do("POST", "/talk/negotiate?negotiateVersion=1")
				switch {
				case res.StatusCode == http.StatusOK:
					answered++
				case res.StatusCode != http.StatusTooManyRequests || body != "Your address negotiates too often. Try again later." || res.Header.Get("Retry-After") == "":
					t.Errorf("status %d, %q, %v", res.StatusCode, body, res.Header)
				}
			}
			return answered
		}
		if got := ask(10); got != 4 {
			t.Errorf("of 10 at once %d were answered, want 4", got)
		}
		time.Sleep(time.Second)
		if got := ask(10); got != 2 {
			t.Errorf("of 10 a second later %d were answered, want 2", got)
		}
		address = "other"
		if got := ask(1); got != 1 {
			t.Error("another address is refused for the first one")
		}
		address = "one"
		time.Sleep(time.Minute)
		if got := ask(10); got != 4 {
			t.Errorf("of 10 a minute later %d were answered, want 4", got)
		}
	})
}

func TestTransports_thatAreAllowed(t *testing.T) {
	s := serve(t, &transport.Options{Transports: front.ServerSentEvents | front.LongPolling})
	h := s.host.Handler(s.core, "talk", &transport.HandlerOptions{Transports: front.LongPolling | front.WebSockets})
	s.mux.Handle("/only", h)
	s.mux.Handle("/only/negotiate", h)
	q := s.requester("/only")
	res := q.do(t.Context(), "POST", "/negotiate?negotiateVersion=1", "")
	if want := `"availableTransports":[{"transport":"LongPolling","transferFormats":["Text","Binary"]}]}`; !strings.HasSuffix(res.body, want) {
		t.Errorf("offered is %s, want %s", res.body, want)
	}
	id := "?id=" + q.negotiate()
	for name, headers := range map[string][]string{"WebSockets": upgradeHeaders, "ServerSentEvents": {"Accept: text/event-stream"}} {
		res := q.do(t.Context(), "GET", id, "", headers...)
		if want := name + " transport not supported by this end point type"; res.status != http.StatusNotFound || res.body != want {
			t.Errorf("%v, want 404, %s", res, want)
		}
	}
	if res := q.do(t.Context(), "GET", "", "", upgradeHeaders...); res.status != http.StatusNotFound {
		t.Errorf("a WebSocket without negotiation: %v", res)
	}
	if res := q.do(t.Context(), "GET", "?id=unknown", "", upgradeHeaders...); res.body != "No Connection with that ID" {
		t.Errorf("a WebSocket with an unknown id: %v", res)
	}
	if res := q.do(t.Context(), "GET", id, ""); res.status != http.StatusOK {
		t.Errorf("the negotiation was used up: %v", res)
	}
	q.do(t.Context(), "DELETE", id, "")
}

func TestRedirect(t *testing.T) {
	s := serve(t, &transport.Options{Authority: front.AuthorityFunc(func(r *http.Request) (hub.Principal, error) {
		return hub.Principal{ID: front.BearerToken(r)}, nil
	})})
	h := s.host.Handler(s.core, "talk", &transport.HandlerOptions{
		Redirect: func(_ *http.Request, p hub.Principal) (string, string, bool) {
			return "https://other.example/chat?a=b&c=d", "token of " + p.ID, p.ID != "stays"
		},
	})
	s.mux.Handle("/gone/negotiate", h)
	q := s.requester("/gone")
	res := q.do(t.Context(), "POST", "/negotiate?negotiateVersion=1", "", "Authorization: Bearer ann")
	if want := `{"url":"https://other.example/chat?a=b\u0026c=d","accessToken":"token of ann"}`; res.status != http.StatusOK || res.body != want {
		t.Errorf("%v, want %s", res, want)
	}
	q.negotiate("Authorization: Bearer stays")
	if got := s.host.Stats().Pending; got != 1 {
		t.Errorf("%d negotiations are kept", got)
	}
}

func TestAuthorize_wholeHub(t *testing.T) {
	// Every request is asked, also those of a connection that was allowed before.
	allowed := true
	s := serve(t, &transport.Options{
		Authority: front.AuthorityFunc(func(r *http.Request) (hub.Principal, error) { return hub.Principal{ID: front.BearerToken(r)}, nil }),
	})
	m := hub.New(otherAPI)
	m.Authorize(func(p hub.Principal) error {
		if p.ID != "ann" || !allowed {
			return errors.New("not ann")
		}
		return nil
	})
	if err := s.core.Mount(m); err != nil {
		t.Fatal(err)
	}
	h := s.host.Handler(s.core, m.Name(), nil)
	s.mux.Handle("/other", h)
	s.mux.Handle("/other/negotiate", h)
	q := s.requester("/other")
	for who, status := range map[string]int{"Authorization: Bearer bob": 403, "X-Nobody: x": 401} {
		for _, method := range []string{"GET", "POST", "DELETE"} {
			if res := q.do(t.Context(), method, "?id=unknown", "", who); res.status != status || res.body != "" {
				t.Errorf("%s with %q: %v, want %d", method, who, res, status)
			}
		}
		if res := q.do(t.Context(), "POST", "/negotiate", "", who); res.status != status {
			t.Errorf("negotiate with %q: %v, want %d", who, res, status)
		}
	}
	p := s.poller("/other", "Authorization: Bearer ann")
	allowed = false
	if res := p.poll(); res.status != http.StatusForbidden {
		t.Errorf("once ann is not allowed any more: %v", res)
	}
	allowed = true
}

func TestPrincipal_isThatOfTheHandshake(t *testing.T) {
	// What the requests after the first one show counts, too.
	s := serve(t, &transport.Options{
		Authority: front.AuthorityFunc(func(r *http.Request) (hub.Principal, error) {
			return hub.Principal{ID: "ann", Name: r.Header.Get("X-Name")}, nil
		}),
	})
	m := hub.New(otherAPI)
	connected := make(chan string, 1)
	m.OnConnect(func(x *hub.Context) error {
		connected <- x.Principal().Name
		return nil
	})
	if err := s.core.Mount(m); err != nil {
		t.Fatal(err)
	}
	h := s.host.Handler(s.core, m.Name(), nil)
	s.mux.Handle("/other", h)
	s.mux.Handle("/other/negotiate", h)
	p := s.poller("/other", "X-Name: old")
	p.headers = []string{"X-Name: new"}
	greet(t, p)
	if got := <-connected; got != "new" {
		t.Errorf("connected as %q", got)
	}
}

func TestCORS_ofErrors(t *testing.T) {
	// A page can only read what is wrong if the refusal is shared with it.
	fail := error(nil)
	s := serve(t, &transport.Options{
		Policy:    newPolicy(t, "https://hub.example", allowed),
		Authority: front.AuthorityFunc(func(*http.Request) (hub.Principal, error) { return hub.Principal{}, fail }),
	})
	const page = "Origin: https://good.example"
	e := s.events("/talk", page)
	for _, row := range []struct {
		fail         error
		method, rest string
		headers      []string
		status       int
	}{
		{nil, "GET", "", nil, 400},
		{nil, "GET", "?id=unknown", nil, 404},
		{nil, "GET", e.id, []string{"Accept: text/event-stream"}, 409},
		{nil, "POST", "?id=unknown", nil, 404},
		{nil, "DELETE", "?id=unknown", nil, 404},
		{nil, "PUT", "", nil, 405},
		{errors.New("who?"), "POST", "/negotiate", nil, 401},
		{fmt.Errorf("no: %w", front.ErrForbidden), "POST", "/negotiate", nil, 403},
	} {
		fail = row.fail
		res := e.do(t.Context(), row.method, row.rest, "", append(row.headers, page)...)
		if res.status != row.status || res.header.Get("Access-Control-Allow-Origin") != "https://good.example" || res.header.Get("Access-Control-Allow-Credentials") != "true" {
			t.Errorf("%s %s: %v, %v", row.method, row.rest, res, res.header)
		}
	}
	for _, method := range []string{"GET", "POST", "DELETE"} {
		res := e.do(t.Context(), "OPTIONS", e.id, "", page, "Access-Control-Request-Method: "+method)
		if res.status != http.StatusNoContent {
			t.Errorf("a preflight of %s: %v", method, res)
		}
	}
}

func TestHandler_atAnyPath(t *testing.T) {
	// Mounted anywhere, in any case, also behind what takes a prefix off.
	s := serve(t, nil)
	for _, path := range []string{"/negotiate", "/a/b/c/negotiate", "/Chat/NEGOTIATE", "/chat/negotiate/"} {
		w := httptest.NewRecorder()
		s.host.Handler(s.core, "talk", nil).ServeHTTP(w, httptest.NewRequest("POST", path+"?negotiateVersion=1", nil))
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "connectionToken") {
			t.Errorf("%s: status %d, %s", path, w.Code, w.Body)
		}
	}
	for _, path := range []string{"/", "/chat", "/chat/", "/renegotiate"} {
		w := httptest.NewRecorder()
		s.host.Handler(s.core, "talk", nil).ServeHTTP(w, httptest.NewRequest("POST", path, nil))
		if w.Code != http.StatusBadRequest {
			t.Errorf("%s: status %d, %s", path, w.Code, w.Body)
		}
	}
}
