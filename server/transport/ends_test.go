package transport_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// endsWithin is how long a connection may go on after its credentials.
const endsWithin = 30 * time.Second

// ends are how credentials end, and what the client hears of it.
var ends = map[string]struct {
	heard string
	err   error // what OnDisconnect hears
}{
	"expired": {`{"type":7,"error":"[expired] What let you in has expired.","allowReconnect":true}`, hub.ErrExpired},
	"revoked": {`{"type":7,"error":"[revoked] You were asked to leave."}`, errRevoked},
	"rules":   {`{"type":7,"error":"[rules] What you may do here has changed.","allowReconnect":true}`, nil},
}

// soon is when the credentials of these tests end.
const soon = 5 * time.Second

// serveEnding serves connections of ann's, whose credentials end soon after they
// began.
func serveEnding(t *testing.T, how string, on func(*transport.Options, ...func(*hub.Options)) *server) *server {
	g := &gate{}
	allowed := make(chan struct{})
	s := on(&transport.Options{Authority: g}, func(o *hub.Options) {
		o.Rules = func(hub.Principal, string) *hub.Rules {
			select {
			case <-allowed:
				return &hub.Rules{}
			default:
				return nil
			}
		}
	})
	end := func(f func()) { s.host.Env().After(soon.Milliseconds(), f) }
	switch how {
	case "expired":
		g.expires = s.host.Wheel().Now() + soon.Milliseconds()
	case "revoked":
		end(func() {
			g.set(func() { g.revoked = map[string]bool{"ann": true} })
			if n := s.core.Expel(func(p hub.Principal) bool { return p.ID == "ann" }, errRevoked); n != 1 {
				t.Errorf("%d connections were closed", n)
			}
		})
	case "rules":
		end(func() { close(allowed); s.core.Reconsider() })
	}
	return s
}

func wantEnd(t *testing.T, s *server, how string) {
	t.Helper()
	if err := s.awaitGone(); ends[how].err != nil && !errors.Is(err, ends[how].err) {
		t.Errorf("OnDisconnect heard of %v, want %v", err, ends[how].err)
	}
}

// A client that waits without any traffic hears of the end, and why, in time.
func TestEachWay_credentialsEnd(t *testing.T) {
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		for how := range ends {
			t.Run(how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := serveEnding(t, how, func(o *transport.Options, change ...func(*hub.Options)) *server {
						return serveInMemory(t, o, change...).server
					})
					due := time.Now().Add(soon)
					c := greet(t, open(s, "/talk", asUser("ann contoso")...))
					if socket, ok := c.(*socketTalker); ok {
						_ = socket.c.conn.SetDeadline(time.Now().Add(time.Hour)) // of the bubble
					}
					if got := heardOf(t, c); !slices.Equal(got, []string{ends[how].heard}) {
						t.Errorf("heard %q", got)
					}
					if poller, ok := c.(*pollTalker); ok && how == "revoked" {
						if res := poller.poll(); res.status != 401 || res.body != errRevoked.Error() {
							t.Errorf("its next poll: %v", res)
						}
					} else if rest := c.chunk(); rest != nil {
						t.Errorf("after the end came %q", rest)
					}
					if late := time.Since(due); late < 0 || late > endsWithin {
						t.Errorf("it ended %v after its credentials", late)
					}
					if socket, ok := c.(*socketTalker); ok {
						_ = socket.c.conn.Close()
					}
					wantEnd(t, s, how)
					if how == "revoked" {
						// It does not come back.
						res := s.requester("/talk").do(t.Context(), "POST", "/negotiate", "", asUser("ann contoso")...)
						if res.status != 401 || res.body != errRevoked.Error() {
							t.Errorf("it negotiates once more: %v", res)
						}
					}
				})
			})
		}
	})
}

// Nor does one stay whose client does not read, or polls no more.
func TestHostile_credentialsEndUnread(t *testing.T) {
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		for _, how := range []string{"expired", "revoked"} {
			t.Run(how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := serveEnding(t, how, func(o *transport.Options, change ...func(*hub.Options)) *server {
						return serveInMemory(t, o, change...).server
					})
					greet(t, open(s, "/talk", asUser("ann contoso")...))
					time.Sleep(soon + endsWithin)
					synctest.Wait()
					if n := s.host.Stats(); n.Links != 0 {
						t.Errorf("%d links are there", n.Links)
					}
					if n := s.core.Stats().Connections; n != 0 {
						t.Errorf("%d connections are there", n)
					}
					wantEnd(t, s, how)
				})
			})
		}
	})
}

// The same over real sockets, all ways at once, with credentials that end at once.
func TestEachWay_revokedOverRealSockets(t *testing.T) {
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		s := serve(t, &transport.Options{Authority: &gate{}})
		ann, bob := greet(t, open(s, "/talk", asUser("ann contoso")...)), greet(t, open(s, "/talk", asUser("bob contoso")...))
		chunks := make(chan []byte)
		go func() { // it waits already
			chunks <- ann.chunk()
			chunks <- ann.chunk()
		}()
		if n := s.core.Expel(func(p hub.Principal) bool { return p.Tenant == "contoso" && p.ID == "ann" }, errRevoked); n != 1 {
			t.Errorf("%d connections were closed", n)
		}
		for _, want := range []string{ends["revoked"].heard + "\x1e", ""} {
			select {
			case got := <-chunks:
				if string(got) != want {
					t.Errorf("heard %q, want %q", got, want)
				}
			case <-time.After(3 * endsWithin):
				t.Fatal("ann did not hear of the end")
			}
		}
		if socket, ok := ann.(*socketTalker); ok {
			_ = socket.c.conn.Close()
		}
		wantEnd(t, s, "revoked")
		if err := hub.Publish(t.Context(), s.talk.In("contoso").All(), heardEvent, say{"bob"}); err != nil {
			t.Fatal(err)
		}
		if got := heardOf(t, bob); !slices.Equal(got, []string{heard("bob")}) {
			t.Errorf("bob heard %q", got)
		}
	})
}

// Credentials that end between the negotiation and the handshake open nothing that
// lasts.
func TestEachWay_expiredBeforeTheHandshake(t *testing.T) {
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		synctest.Test(t, func(t *testing.T) {
			s := serveEnding(t, "expired", func(o *transport.Options, change ...func(*hub.Options)) *server {
				return serveInMemory(t, o, change...).server
			})
			c := open(s, "/talk", asUser("ann contoso")...)
			time.Sleep(soon + time.Second)
			c.say(handshakeJSON)
			var got []string
			for len(got) < 2 {
				got = append(got, heardOf(t, c)...)
			}
			if !slices.Equal(got, []string{"{}", ends["expired"].heard}) {
				t.Errorf("heard %q", got)
			}
			if rest := c.chunk(); rest != nil {
				t.Errorf("after the end came %q", rest)
			}
			if socket, ok := c.(*socketTalker); ok {
				_ = socket.c.conn.Close()
			}
			wantEnd(t, s, "expired")
		})
	})
}
