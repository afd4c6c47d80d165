package classic_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"partline.dev/server/classic"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// A client that brings a ticket is sent to the address where it is, with a token for
// all that follows, and without the ticket.
func TestHandover_address(t *testing.T) {
	for name, c := range map[string]struct {
		prefix, target, want string
	}{
		"nothing else":         {"", "http://hub.example/signalr/negotiate?clientProtocol=2.1&access_token=TICKET", "http://hub.example/signalr?"},
		"the page's own query": {"", "http://hub.example/signalr/negotiate?clientProtocol=2.1&room=k%C3%BCche&access_token=TICKET&connectionData=%5B%5D&_=1&x=1", "http://hub.example/signalr?room=k%C3%BCche&x=1"},
		"the script's address": {"", "https://hub.example/signalr/hubs/negotiate?clientProtocol=2.0&ACCESS_TOKEN=TICKET", "https://hub.example/signalr/hubs?"},
		"a prefix":             {"/apps", "https://hub.example/signalr/negotiate?clientProtocol=2.1&access_token=TICKET", "https://hub.example/apps/signalr?"},
	} {
		s := serve(t, classic.Options{Prefix: c.prefix}, &transport.Options{Authority: &gate{}}, newChat())
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, httptest.NewRequest("GET", strings.ReplaceAll(c.target, "TICKET", "ticket+ann+contoso"), nil))
		var got struct{ ProtocolVersion, RedirectUrl, AccessToken string }
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", name, w.Code, w.Body)
		}
		if got.ProtocolVersion != "2.0" || got.RedirectUrl != c.want || got.AccessToken != "session ann contoso" {
			t.Errorf("%s: sent by %s, want %s", name, w.Body, c.want)
		}
	}
}

// A client that cannot be sent is told in words; its ticket is used up all the same.
func TestHandover_olderClients(t *testing.T) {
	h := serve(t, classic.Options{}, &transport.Options{Authority: &gate{}}, newChat()).handler
	w := answer(h, http.MethodGet, "negotiate?clientProtocol=1.5&access_token=ticket+ann+contoso", nil)
	wantRefusal(t, w, http.StatusUnauthorized, "This client cannot go on after its ticket was used up: use SignalR 2.4 or newer, or give the page a token that is good for many requests.")
	for _, version := range []string{"1.5", "2.1"} {
		w = answer(h, http.MethodGet, "negotiate?access_token=ticket+ann+contoso&clientProtocol="+version, nil)
		wantRefusal(t, w, http.StatusUnauthorized, errSpent.Error())
	}
	wantNegotiation(t, answer(h, http.MethodGet, "negotiate?clientProtocol=1.5&access_token=session+ann+contoso", nil), "/signalr", "1.5")
}

// The token that it is given is good for all that follows, in the address of every
// request; a ticket is good for none.
func TestBearer_inTheAddressOfEachRequest(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		m := newChat()
		s := serve(t, classic.Options{}, &transport.Options{Authority: &gate{}}, m)
		c := &client{t: t, http: s.http(), kind: way, version: "2.1", hubs: []string{"chatHub"}}
		c.by("session ann contoso")
		var reply struct{ ConnectionToken string }
		if err := json.Unmarshal([]byte(c.get("negotiate", nil)), &reply); err != nil {
			t.Fatal(err)
		}
		c.token = reply.ConnectionToken
		c.connect()
		c.start()
		t.Cleanup(c.cut)
		for _, to := range []hub.Target{m.All(), m.In("fabrikam").User("ann"), m.In("contoso").User("ann")} {
			if err := hub.Publish(t.Context(), to, lineEvent, line{"server", "to ann of contoso"}); err != nil {
				t.Fatal(err)
			}
		}
		c.expect(said("server", "to ann of contoso"))
		c.by("ticket ann contoso")
		for _, action := range []string{"send", "abort", "poll", "start", "ping"} {
			method := http.MethodPost
			if action == "start" || action == "ping" {
				method = http.MethodGet
			}
			if status, body, err := c.do(t.Context(), method, action, url.Values{"transport": {"longPolling"}}, nil); err != nil || status != http.StatusUnauthorized || body != errToken.Error() {
				t.Errorf("%s with a ticket: %d %s %v", action, status, body, err)
			}
		}
	})
}
