package transport_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// negotiated is what a negotiation answers.
type negotiated struct {
	ConnectionID    string `json:"connectionId"`
	ConnectionToken string `json:"connectionToken"`
}

func (s *server) negotiate(version string, headers ...string) negotiated {
	s.t.Helper()
	path := "/talk/negotiate"
	if version != "" {
		path += "?negotiateVersion=" + version
	}
	res, body := s.do("POST", path, headers...)
	var n negotiated
	if err := json.Unmarshal([]byte(body), &n); err != nil || res.StatusCode != http.StatusOK {
		s.t.Fatalf("negotiate: status %d, %q, %v", res.StatusCode, body, err)
	}
	return n
}

func TestNegotiate_replies(t *testing.T) {
	s := serve(t, nil)
	const (
		id         = `"[A-Za-z0-9_-]{22}"`
		transports = `"availableTransports":\[{"transport":"WebSockets","transferFormats":\["Text","Binary"\]},` +
			`{"transport":"ServerSentEvents","transferFormats":\["Text"\]},{"transport":"LongPolling","transferFormats":\["Text","Binary"\]}\]`
		v0 = `{"negotiateVersion":0,"connectionId":` + id + `,` + transports + `}`
		v1 = `{"negotiateVersion":1,"connectionId":` + id + `,"connectionToken":` + id + `,` + transports + `}`
	)
	for query, want := range map[string]string{
		"":                      v0,
		"?negotiateVersion=":    v0,
		"?negotiateVersion=0":   v0,
		"?negotiateVersion=1":   v1,
		"?NegotiateVersion=1":   v1,
		"?negotiateVersion=2":   v1,
		"?negotiateVersion=999": v1,
		"?negotiateVersion=1&useStatefulReconnect=true": strings.TrimSuffix(v1, "}") + `,"useStatefulReconnect":true}`,
		"?negotiateVersion=0&useStatefulReconnect=true": v0,
		"?negotiateVersion=1&useStatefulReconnect=no":   v1,
		"?negotiateVersion=-1":                          `{"error":"The client requested version '-1', but the server does not support this version."}`,
		"?negotiateVersion=x":                           `{"error":"The client requested a non-integer protocol version."}`,
		"?negotiateVersion=1.0":                         `{"error":"The client requested a non-integer protocol version."}`,
		"?negotiateVersion=99999999999999":              `{"error":"The client requested a non-integer protocol version."}`,
		"?negotiateVersion=1&negotiateVersion=1":        `{"error":"The client requested a non-integer protocol version."}`,
	} {
		res, body := s.do("POST", "/talk/negotiate"+query)
		if res.StatusCode != http.StatusOK || !regexp.MustCompile("^"+want+"$").MatchString(body) {
			t.Errorf("%q: status %d, %s, want %s", query, res.StatusCode, body, want)
		}
		if res.ContentLength != int64(len(body)) || res.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%q: Content-Length %d of %d, %v", query, res.ContentLength, len(body), res.Header)
		}
	}
}

func TestNegotiate_otherMethods(t *testing.T) {
	s := serve(t, nil)
	for _, method := range []string{"GET", "PUT", "DELETE", "HEAD", "PATCH"} {
		if res, body := s.do(method, "/talk/negotiate"); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "POST" {
			t.Errorf("%s: status %d, %s", method, res.StatusCode, body)
		}
	}
}

func TestNegotiate_thenConnect(t *testing.T) {
	s := serve(t, nil)
	for _, version := range []string{"", "1"} {
		n := s.negotiate(version)
		secret := n.ConnectionToken
		if version == "" {
			secret = n.ConnectionID
		}
		if secret == n.ConnectionID && version == "1" {
			t.Fatal("the public id is the secret")
		}
		c := dialRaw(t, s.addr, "/talk?id="+secret)
		c.handshake()
		if err := hub.Publish(t.Context(), s.talk.Client(n.ConnectionID), heardEvent, say{"to you"}); err != nil {
			t.Fatal(err)
		}
		if got := c.nextMessages(); got[0] != heard("to you") {
			t.Fatalf("heard %q by the connection id", got)
		}
	}
}

func TestConnect_refusedIDs(t *testing.T) {
	s := serve(t, nil)
	n := s.negotiate("1")
	c := dialRaw(t, s.addr, "/talk?id="+n.ConnectionToken)
	c.handshake()
	refused := func(id string, status int, want string) {
		t.Helper()
		res, body := s.do("GET", "/talk?id="+id, upgradeHeaders...)
		if res.StatusCode != status || !strings.Contains(body, want) {
			t.Errorf("id %q: status %d, %q, want %d, %q", id, res.StatusCode, body, status, want)
		}
	}
	refused("unknown", http.StatusNotFound, "No Connection with that ID")
	refused(strings.Repeat("A", 22), http.StatusNotFound, "No Connection with that ID")
	refused(strings.Repeat("A", 1<<16), http.StatusNotFound, "No Connection with that ID")
	refused(n.ConnectionID, http.StatusNotFound, "No Connection with that ID") // the public id is no key
	refused(n.ConnectionToken, http.StatusConflict, "already active")

	// The token dies with its connection.
	c.send(closeF, closePayload(1000, ""))
	c.expectClose(1000, "")
	_ = c.conn.Close()
	if err := s.awaitGone(); err != nil {
		t.Errorf("a client that closed in good order is gone with %v", err)
	}
	s.settle()
	refused(n.ConnectionToken, http.StatusNotFound, "No Connection with that ID")
}

func TestConnect_tokenOfAnotherHub(t *testing.T) {
	s := serve(t, nil)
	n := s.negotiate("1")
	other := s.host.Handler(s.core, "talk", nil)
	r := httptest.NewRequest("GET", "/other?id="+n.ConnectionToken, nil)
	for _, h := range upgradeHeaders {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	other.ServeHTTP(w, r)
	if w.Code != http.StatusNotFound {
		t.Errorf("status %d", w.Code)
	}
	// It is still good where it belongs.
	dialRaw(t, s.addr, "/talk?id="+n.ConnectionToken).handshake()
}

func TestConnect_tokenOfAnotherUser(t *testing.T) {
	s := serve(t, &transport.Options{Authority: front.AuthorityFunc(func(r *http.Request) (hub.Principal, error) {
		return hub.Principal{ID: strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")}, nil
	})})
	n := s.negotiate("1", "Authorization: Bearer ann")
	res, body := s.do("GET", "/talk?id="+n.ConnectionToken, append([]string{"Authorization: Bearer bob"}, upgradeHeaders...)...)
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("bob opened ann's connection: status %d, %s", res.StatusCode, body)
	}
	c := dialRaw(t, s.addr, "/talk?id="+n.ConnectionToken, "Authorization: Bearer ann")
	c.handshake()
	if err := hub.Publish(t.Context(), s.talk.User("ann"), heardEvent, say{"ann"}); err != nil {
		t.Fatal(err)
	}
	if got := c.nextMessages(); got[0] != heard("ann") {
		t.Errorf("ann heard %q", got)
	}
}

func TestConnect_unauthorized(t *testing.T) {
	s := serve(t, &transport.Options{Authority: front.AuthorityFunc(func(*http.Request) (hub.Principal, error) {
		return hub.Principal{}, errors.New("the key k-17 is revoked")
	})})
	for _, do := range []func() (*http.Response, string){
		func() (*http.Response, string) { return s.do("POST", "/talk/negotiate") },
		func() (*http.Response, string) { return s.do("GET", "/talk", upgradeHeaders...) },
	} {
		if res, body := do(); res.StatusCode != http.StatusUnauthorized || body != "" {
			t.Errorf("status %d, body %q; want 401 and nothing", res.StatusCode, body)
		}
	}
}

func TestConnect_otherRequests(t *testing.T) {
	s := serve(t, nil)
	n := s.negotiate("1")
	dialRaw(t, s.addr, "/talk?id="+n.ConnectionToken).handshake()
	for _, row := range []struct {
		method, path string
		headers      []string
		status       int
		text         string
	}{
		{"GET", "/talk", []string{"Accept: text/event-stream"}, 400, "Connection ID required"},
		{"GET", "/talk", nil, 400, "Connection ID required"},
		{"GET", "/talk?id=unknown", []string{"Accept: text/event-stream"}, 404, "No Connection with that ID"},
		{"GET", "/talk?id=unknown", nil, 404, "No Connection with that ID"},
		{"GET", "/talk?id=" + n.ConnectionToken, []string{"Accept: text/event-stream"}, 400, "Cannot change transports mid-connection"},
		{"GET", "/talk?id=" + n.ConnectionToken, nil, 400, "Cannot change transports mid-connection"},
		{"POST", "/talk", nil, 400, "Connection ID required"},
		{"POST", "/talk?id=unknown", nil, 404, "No Connection with that ID"},
		{"POST", "/talk?id=" + n.ConnectionToken, nil, 405, "POST requests are not allowed for WebSocket connections."},
		{"DELETE", "/talk?id=" + n.ConnectionToken, nil, 400, "Cannot terminate this connection using the DELETE endpoint."},
		{"DELETE", "/talk?id=unknown", nil, 404, "No Connection with that ID"},
		{"PUT", "/talk", nil, 405, ""},
		{"POST", "/nothing", nil, 404, "no hub"},
	} {
		res, body := s.do(row.method, row.path, row.headers...)
		if res.StatusCode != row.status || !strings.Contains(body, row.text) {
			t.Errorf("%s %s: status %d, %q, want %d, %q", row.method, row.path, res.StatusCode, body, row.status, row.text)
		}
	}
}

func TestNegotiate_longBody(t *testing.T) {
	s := serve(t, nil)
	c := dialTCP(t, s.addr)
	c.write([]byte("POST /talk/negotiate HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n" + strings.Repeat("x", 8192)))
	if status, _ := c.response(); status != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d for a body of a gigabyte", status)
	}
}

func TestNegotiate_expires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		late, inTime := s.negotiate("1"), s.negotiate("1")
		time.Sleep(14 * time.Second)
		c := upgradeRaw(t, s.dial(), s.addr, "/talk?id="+inTime.ConnectionToken)
		c.handshake()
		time.Sleep(2 * time.Second)
		c = dialOver(t, s.dial())
		c.write([]byte(upgrade(s.addr, "/talk?id="+late.ConnectionToken)))
		if status, _ := c.response(); status != http.StatusNotFound {
			t.Errorf("a negotiation of 16 s ago: status %d", status)
		}
		// Nothing is kept of what expired.
		time.Sleep(time.Minute)
		if got := s.host.Stats().Pending; got != 0 {
			t.Errorf("%d negotiations are kept", got)
		}
	})
}

func TestNegotiate_limits(t *testing.T) {
	address := "flood"
	s := serve(t, &transport.Options{PendingLimit: 64, ClientAddress: func(*http.Request) string { return address }})
	count := map[int]int{}
	for range 10 {
		res, _ := s.do("POST", "/talk/negotiate?negotiateVersion=1")
		count[res.StatusCode]++
	}
	if count[200] != 4 || count[429] != 6 {
		t.Errorf("one address of a table of 64: statuses %v, want 4 of 200 and 6 of 429", count)
	}
	clear(count)
	for i := range 100 {
		address = fmt.Sprint(i)
		res, body := s.do("POST", "/talk/negotiate?negotiateVersion=1")
		if count[res.StatusCode]++; res.StatusCode == 503 && (res.Header.Get("Retry-After") == "" || !strings.Contains(body, "Try again")) {
			t.Errorf("503 without advice: %v, %q", res.Header, body)
		}
	}
	if count[200] != 60 || count[503] != 40 {
		t.Errorf("a table of 64 with 4 in it: statuses %v, want 60 of 200 and 40 of 503", count)
	}
}

func FuzzParseToken(f *testing.F) {
	for _, s := range []string{"", "AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAB", "AAAAAAAAAAAAAAAAAAAA\n\nAA", "____-_______-_______-A"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if again, ok := transport.ParseToken(s); ok && again != s {
			t.Errorf("%q is also written %q: two texts for one secret", s, again)
		}
	})
}
