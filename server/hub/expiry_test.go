package hub_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/hub"
	"partline.dev/shared/wire"
)

// expiring runs f with the connection of ann, whose credentials last for some
// time, and what OnDisconnect hears.
func expiring(t *testing.T, d time.Duration, f func(p *peer, gone <-chan error)) {
	t.Helper()
	var gone chan error
	m := talk(nil)
	m.OnDisconnect(func(_ *hub.Context, err error) { gone <- err })
	bubble(t, m, nil, func(t *testing.T, _ func(string) *peer, core *hub.Core) {
		gone = make(chan error, 1)
		p := &peer{}
		conn, err := core.Open(hub.OpenOptions{Hub: "talk", ID: "p", Codec: wire.JSON, Sink: p,
			Principal: hub.Principal{ID: "ann", Expires: in(d)}})
		if err != nil {
			t.Fatal(err)
		}
		p.conn = conn
		f(p, gone)
	})
}

func in(d time.Duration) int64 { return time.Now().Add(d).UnixMilli() }

func TestExpiry_closesAndLetsTheClientComeBack(t *testing.T) {
	for _, d := range []time.Duration{-time.Hour, 10 * time.Second, 60 * time.Hour} {
		expiring(t, d, func(p *peer, gone <-chan error) {
			if d > 0 {
				advance(d - time.Second)
				if p.isClosed() {
					t.Fatalf("%v: closed too early", d)
				}
			}
			advance(time.Second)
			if err := <-gone; !errors.Is(err, hub.ErrExpired) {
				t.Errorf("%v: OnDisconnect heard %v", d, err)
			}
			told := `{"type":7,"error":"[expired] What let you in has expired.","allowReconnect":true}` + rs
			if got := p.seen(); !strings.HasSuffix(got, told) {
				t.Errorf("%v: saw %q", d, got[max(0, len(got)-len(told)):])
			}
		})
	}
}

func TestExpiry_isPutOffByNewCredentials(t *testing.T) {
	expiring(t, time.Minute, func(p *peer, gone <-chan error) {
		for _, row := range []struct {
			name string
			p    hub.Principal
			err  error
			who  string
		}{
			{"another user", hub.Principal{ID: "bob", Expires: in(time.Hour)}, hub.ErrOtherUser, ""},
			{"nobody", hub.Principal{}, hub.ErrOtherUser, ""},
			{"an old one", hub.Principal{ID: "ann", Name: "old", Expires: in(time.Second)}, nil, ""},
			{"a new one", hub.Principal{ID: "ann", Name: "new", Expires: in(time.Hour)}, nil, "new"},
			{"the same again", hub.Principal{ID: "ann", Name: "newest", Expires: in(time.Hour)}, nil, "newest"},
		} {
			if err := p.conn.SetPrincipal(row.p); !errors.Is(err, row.err) {
				t.Errorf("%s: %v, want %v", row.name, err, row.err)
			}
			if got := p.conn.Principal(); got.ID != "ann" || got.Name != row.who {
				t.Errorf("%s: it is %+v now", row.name, got)
			}
		}
		advance(59 * time.Minute)
		if p.isClosed() {
			t.Fatal("closed, though its credentials were renewed")
		}
		if err := p.conn.SetPrincipal(hub.Principal{ID: "ann"}); err != nil { // for ever
			t.Fatal(err)
		}
		advance(100 * time.Hour)
		if p.isClosed() {
			t.Fatal("closed, though its credentials are for ever")
		}
		if err := p.conn.SetPrincipal(hub.Principal{ID: "ann", Expires: math.MaxInt64}); err != nil {
			t.Error(err) // not later than for ever: nothing
		}
		p.conn.LinkClosed(nil)
		synctest.Wait()
		if err := <-gone; err != nil {
			t.Error(err)
		}
		if err := p.conn.SetPrincipal(hub.Principal{ID: "ann"}); !errors.Is(err, hub.ErrClosed) {
			t.Errorf("after the close: %v", err)
		}
	})
}

func TestExpiry_beforeTimeBegan(t *testing.T) {
	bubble(t, talk(nil), nil, func(t *testing.T, _ func(string) *peer, core *hub.Core) {
		p := &peer{}
		conn, err := core.Open(hub.OpenOptions{Hub: "talk", ID: "p", Codec: wire.JSON, Sink: p,
			Principal: hub.Principal{ID: "ann", Expires: math.MinInt64}})
		if err != nil {
			t.Fatal(err)
		}
		p.conn = conn
		advance(time.Second)
		if !p.isClosed() {
			t.Error("credentials of long ago keep a connection")
		}
	})
}
