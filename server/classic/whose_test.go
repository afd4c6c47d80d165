package classic_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/classic"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// connectedAs is a client that has connected and started with a token.
func (s *served) connectedAs(way, token string, hubs ...string) *client {
	s.t.Helper()
	c := s.negotiatedAs(way, token, hubs...)
	c.connect()
	c.start()
	s.t.Cleanup(c.cut)
	return c
}

func (s *served) negotiatedAs(way, token string, hubs ...string) *client {
	s.t.Helper()
	c := s.negotiated(way, hubs...)
	c.by(token)
	_, c.token, _ = strings.Cut(c.get("negotiate", nil), `"ConnectionToken":"`)
	c.token, _, _ = strings.Cut(c.token, `"`)
	return c
}

// requests are those of a connection, each with its method.
var requests = map[string]string{
	"connect": http.MethodPost, "reconnect": http.MethodPost, "poll": http.MethodPost,
	"start": http.MethodGet, "send": http.MethodPost, "abort": http.MethodPost,
}

// A connection token is its tenant's and user's: with anybody else's credentials, or
// none, it is refused by every request, and its connection goes on.
func TestHostile_connectionTokensOfAnotherTenant(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		m := newChat()
		s := serve(t, classic.Options{}, &transport.Options{Authority: &gate{}}, m)
		ann := s.connectedAs(way, "session ann contoso", "chatHub")
		for _, token := range []string{"session ann fabrikam", "session bob contoso", "session ann", ""} {
			thief := &client{t: t, http: s.http(), kind: "longPolling", version: "2.1", hubs: ann.hubs, token: ann.token}
			if token != "" {
				thief.by(token)
			}
			for action, method := range requests {
				form := url.Values{"data": {`{"H":"chathub","M":"Send","A":["evil","x"],"I":0}`}}
				if method == http.MethodGet {
					form = nil
				}
				if status, body, err := thief.do(t.Context(), method, action, nil, form); err != nil || status != http.StatusForbidden || body != textUser {
					t.Errorf("%s as %q: %d %q %v", action, token, status, body, err)
				}
			}
		}
		if err := hub.Publish(t.Context(), m.In("contoso").All(), lineEvent, line{"server", "still here"}); err != nil {
			t.Fatal(err)
		}
		ann.expect(said("server", "still here"))
	})
}

// Nothing happens before the authority has agreed, for whatever request.
func TestHostile_nothingBeforeTheAuthority(t *testing.T) {
	g := &gate{}
	s := serve(t, classic.Options{}, &transport.Options{Authority: g}, newChat())
	c := s.connectedAs("longPolling", "session ann contoso", "chatHub")
	fresh := s.negotiatedAs("longPolling", "session ann contoso", "chatHub")
	errHost := &access.Refusal{Code: access.CodeHost, Message: "This site is not allowed here."}
	g.set(func() { g.wrong = errHost })
	for _, by := range []*client{c, fresh} {
		for action, method := range requests {
			calls := g.count()
			form := url.Values{"data": {`{"H":"chathub","M":"Send","A":["evil","x"],"I":0}`}}
			if method == http.MethodGet {
				form = nil
			}
			status, body, err := by.do(t.Context(), method, action, nil, form)
			if err != nil || status != http.StatusForbidden || body != errHost.Error() || g.count() != calls+1 {
				t.Errorf("%s: %d %q %v; the authority was asked %d times", action, status, body, err, g.count()-calls)
			}
		}
	}
	for _, action := range []string{"negotiate", "ping"} {
		if w := answer(s.handler, http.MethodGet, action+"?clientProtocol=2.1", nil); w.Code != http.StatusForbidden || w.Body.String() != errHost.Error() {
			t.Errorf("%s: %d %s", action, w.Code, w.Body)
		}
	}
	if n := s.handler.Connections(); n != 1 {
		t.Errorf("%d connections are there, want 1", n)
	}
	g.set(func() { g.wrong = nil })
	c.works("all that")
}

// Credentials that are good for one hub of an address open that one.
func TestHostile_tokenOfAnotherHub(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		chat, other := newChat(), newOther()
		s := serve(t, classic.Options{}, &transport.Options{Authority: &gate{}}, other, chat)
		c := s.connectedAs(way, "session ann contoso chat", "otherHub", "chatHub")
		for _, publish := range []error{
			hub.Publish(t.Context(), other.In("contoso").All(), otherEvent, line{"server", "to the others"}),
			hub.Publish(t.Context(), chat.In("contoso").All(), lineEvent, line{"server", "to the chat"}),
		} {
			if publish != nil {
				t.Fatal(publish)
			}
		}
		c.expect(said("server", "to the chat"))
		if got := c.result(`{"H":"otherHub","M":"Send","A":["evil","x"],"I":7}`); !strings.HasPrefix(got, `{"I":"7","E":"`) {
			t.Errorf("the other hub's method answered %s", got)
		}
		if n := s.core.Stats().Connections; n != 1 {
			t.Errorf("%d connections of hubs, want 1", n)
		}
		thief := &client{t: t, http: s.http(), kind: way, version: "2.1", hubs: []string{"otherHub"}}
		thief.by("session ann contoso chat")
		if status, body, err := thief.do(t.Context(), http.MethodGet, "negotiate", nil, nil); err != nil || status != http.StatusUnauthorized || body != errToken.Error() {
			t.Errorf("who lists the other hub alone: %d %s %v", status, body, err)
		}
	})
}

// Who brings no credentials is a guest of the address's tenant, at each request.
func TestTenant_ofTheAddress(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		m := newChat()
		s := serve(t, classic.Options{Tenant: "fabrikam"}, &transport.Options{Authority: &gate{}}, m)
		c := s.connected(way, "chatHub")
		for _, to := range []hub.Target{m.All(), m.In("contoso").All(), m.In("fabrikam").All()} {
			if err := hub.Publish(t.Context(), to, lineEvent, line{"server", "hi"}); err != nil {
				t.Fatal(err)
			}
		}
		c.expect(said("server", "hi"))
		c.works("that")
	})
}

// A client whose credentials end hears of it at once, though nothing else comes, and
// why if it may not come back: then its later requests are refused.
func TestCredentials_end(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		for _, how := range []string{"expired", "revoked"} {
			t.Run(how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					g := &gate{}
					const soon = 20 * time.Second
					if how == "expired" {
						g.expires = time.Now().Add(soon).UnixMilli()
					}
					m, events := watched()
					s := serve(t, classic.Options{}, &transport.Options{Authority: g}, m)
					c := s.connectedAs(way, "session ann contoso", "chatHub")
					wantEvent(t, events, "connect")
					due := time.Now().Add(soon)
					if how == "revoked" {
						s.host.Env().After(soon.Milliseconds(), func() {
							g.set(func() { g.revoked = map[string]bool{"ann": true} })
							s.core.Expel(func(p hub.Principal) bool { return p.ID == "ann" }, errRevoked)
						})
					}
					var last envelope
					var err error
					for err == nil && last.T == 0 && last.E == "" {
						last, err = c.receive(t.Context())
					}
					if late := time.Since(due); late < -time.Second || late > 30*time.Second {
						t.Errorf("it ended %v after its credentials", late)
					}
					if how == "revoked" != (last.E == errRevoked.Error()) {
						t.Errorf("the last that it heard is %s, %v", last.text, err)
					}
					wantEvent(t, events, "disconnect true")
					synctest.Wait()
					if n := s.core.Stats().Connections; n != 0 {
						t.Errorf("%d connections are there", n)
					}
					if how != "revoked" {
						return
					}
					for action, method := range requests {
						if status, body, err := c.do(t.Context(), method, action, nil, nil); err != nil || status != http.StatusUnauthorized || body != errRevoked.Error() {
							t.Errorf("%s: %d %s %v", action, status, body, err)
						}
					}
				})
			})
		}
	})
}

// safeBuffer is a log that is read when all has ended.
type safeBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

// No token that stands in an address is ever in the log, whatever is logged.
func TestSecrets_neverReachTheLog(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		var log safeBuffer
		told := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		g := &gate{}
		s := serve(t, classic.Options{Log: told}, &transport.Options{Authority: g, Log: told}, newChat())
		const secret, wrong, ticket = "session ann contoso", "a-wrong-token", "ticket ann contoso"
		c := s.connectedAs(way, secret, "chatHub")
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, httptest.NewRequest("GET", "/signalr/negotiate?clientProtocol=2.1&access_token="+url.QueryEscape(ticket), nil))
		for _, token := range []string{wrong, ticket, secret} {
			c.by(token)
			for action, method := range requests {
				query := url.Values{"transport": {"carrierPigeon"}}
				if token == secret {
					query = url.Values{"connectionToken": {"x" + c.token}}
				}
				if _, _, err := c.do(t.Context(), method, action, query, nil); err != nil && !errors.Is(err, http.ErrServerClosed) {
					t.Fatal(err)
				}
			}
		}
		c.by(secret)
		c.post("abort", nil)
		c.cut()
		if err := s.host.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		text := log.String()
		if !strings.Contains(text, "refused a request for its credentials") {
			t.Errorf("the log says only\n%s", text)
		}
		for _, one := range []string{secret, wrong, ticket, url.QueryEscape(secret), url.QueryEscape(ticket), c.token, "access_token"} {
			if strings.Contains(text, one) {
				t.Errorf("%q is in the log:\n%s", one, text)
			}
		}
	})
}

// Who has as many connections as a user may is told so, by a request that may be
// made again.
func TestConnect_tooManyConnections(t *testing.T) {
	everything := contract.ScopesOf(contract.AllScopes[:]...)
	m := newChat()
	host := transport.NewHost(&transport.Options{Authority: &gate{}})
	core := hub.NewCore(host.Env(), &hub.Options{
		Recent: hub.RecentOptions{Encoding: classic.Encoding},
		Rules: func(hub.Principal, string) *hub.Rules {
			return &hub.Rules{Scopes: everything, Speaks: everything, Connections: 1}
		},
	})
	if err := core.Mount(m); err != nil {
		t.Fatal(err)
	}
	h := classic.New(host, core, classic.Options{Path: "/signalr", Hubs: []*hub.Mux{m}})
	t.Cleanup(func() {
		if err := host.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	ann := hub.Principal{Tenant: "contoso", ID: "ann"}
	for _, want := range []int{http.StatusOK, http.StatusTooManyRequests} {
		_, token := h.NewToken(ann)
		query := url.Values{
			"transport": {"longPolling"}, "clientProtocol": {"2.1"}, "connectionToken": {token},
			"connectionData": {`[{"name":"chathub"}]`}, "access_token": {"session ann contoso"},
		}
		w := answer(h, http.MethodPost, "connect?"+query.Encode(), nil)
		if w.Code != want || want != http.StatusOK && !strings.HasPrefix(w.Body.String(), "[connections] ") {
			t.Errorf("%d %s, want %d", w.Code, w.Body, want)
		}
	}
}
