package hub_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// closedFor fails the test unless the hub has closed c and told it that code.
func closedFor(t *testing.T, what string, c *hubtest.Client, code access.Code, again bool) {
	t.Helper()
	refused(t, what, hubtest.AwaitClose(t, c), code)
	if reason, _ := c.Closed(); reason.Again != again || !strings.HasPrefix(reason.Text, "["+string(code)+"] ") || len(reason.Text) > 123 {
		t.Errorf("%s: closed for %+v", what, reason)
	}
}

func TestReconsider(t *testing.T) {
	var rules atomic.Pointer[hub.Rules]
	var closed atomic.Bool
	rules.Store(&hub.Rules{Scopes: scopesOf("page place tenant user"), Speaks: scopesOf("page place tenant"), AnyPlace: true})
	m := scopeTalk()
	m.Authorize(func(p hub.Principal) error {
		if closed.Load() && p.ID == "ann" {
			return errors.New("no")
		}
		return nil
	})
	h := hubtest.NewWith(t, m, hub.Options{Rules: func(p hub.Principal, name string) *hub.Rules {
		if name != "talk" {
			t.Errorf("asked for hub %q", name)
		}
		return rules.Load()
	}})
	page := h.ConnectIn(hub.Principal{}, access.Where{Scope: "page", Page: hubtest.ID("p")})
	lobby := h.ConnectIn(hub.Principal{Places: []string{"lobby"}}, access.Where{Scope: "place", Place: "lobby"})
	bar := h.ConnectIn(hub.Principal{Places: []string{"lobby"}}, access.Where{Scope: "place", Place: "bar"})
	old := h.ConnectPageIn(hub.Principal{}, access.Where{Scope: "place", Place: "bar"})
	tenant, user := h.Connect(hub.Principal{}), h.ConnectIn(hub.Principal{ID: "ann"}, access.Where{Scope: "user"})

	h.Core().Reconsider()
	for _, c := range []*hubtest.Client{page, lobby, bar, old, tenant, user} {
		if _, over := c.Closed(); over {
			t.Fatal("closed though nothing has changed")
		}
	}
	rules.Store(&hub.Rules{Scopes: scopesOf("place tenant user"), Speaks: scopesOf("place")})
	h.Core().Reconsider()
	closedFor(t, "a scope that is no more", page, access.CodeRules, true)
	closedFor(t, "a place that nobody verified", bar, access.CodeRules, true)
	if reason, over := old.Closed(); !over || !reason.Again {
		t.Errorf("a page of SignalR 2 in such a place: %+v, %v", reason, over)
	}
	whispers(t, lobby)
	_, err := hubtest.Call(t.Context(), tenant, runMethod, contract.None{})
	refused(t, "where one may only listen now", err, access.CodeSpeak)
	closed.Store(true)
	h.Core().Reconsider()
	closedFor(t, "a hub that does not allow it", user, access.CodeRules, true)
	h.Settle()
	if s := h.Core().Stats(); s.Connections != 2 {
		t.Errorf("%+v", s)
	}
}

func TestExpel(t *testing.T) {
	heard := make(chan error, 4)
	m := talk(nil)
	m.OnDisconnect(func(_ *hub.Context, err error) { heard <- err })
	h := hubtest.New(t, m)
	ann, bob, page := h.Connect(hub.Principal{Tenant: "x", ID: "ann"}), h.Connect(hub.Principal{Tenant: "x", ID: "bob"}), h.ConnectPage(hub.Principal{Tenant: "x", ID: "ann"})
	other := h.Connect(hub.Principal{Tenant: "y", ID: "ann"})
	why := &access.Refusal{Code: access.CodeRevoked, Message: "Äußerst " + strings.Repeat("lang ", 30)}
	isAnn := func(p hub.Principal) bool { return p.Tenant == "x" && p.ID == "ann" }
	if n := h.Core().Expel(isAnn, why); n != 2 {
		t.Errorf("%d were closed", n)
	}
	closedFor(t, "revoked", ann, access.CodeRevoked, false)
	if reason, over := page.Closed(); !over || reason.Again {
		t.Errorf("the page: %+v, %v", reason, over)
	}
	for range 2 {
		refused(t, "OnDisconnect", <-heard, access.CodeRevoked)
	}
	if n := h.Core().Expel(isAnn, why); n != 0 {
		t.Errorf("again %d", n)
	}
	if n := h.Core().Expel(func(p hub.Principal) bool { return p.ID == "bob" }, &access.Refusal{Code: access.CodeExpired, Message: "Come again."}); n != 1 {
		t.Errorf("%d", n)
	}
	closedFor(t, "expired", bob, access.CodeExpired, true)
	if _, over := other.Closed(); over {
		t.Error("another tenant's ann is gone too")
	}
}

// TestExpiry_isExactForEveryLink has connections of each kind of sink expire at their
// moment and not a second earlier.
func TestExpiry_isExactForEveryLink(t *testing.T) {
	for name, o := range map[string]hub.OpenOptions{
		"a hub protocol": {Codec: wire.JSON, Sink: &peer{}},
		"MessagePack":    {Codec: wire.MessagePack, Sink: &peer{}, Quiet: true},
		"SignalR 2":      {Codec: wire.JSONAsDeclared, Sink: &follower{}, Quiet: true, Late: true},
		"unlisted":       {Codec: wire.JSONAsDeclared, Sink: &follower{}, Quiet: true, Late: true, Unlisted: true},
		"a raw link":     {Codec: hub.Raw, Sink: &follower{}, Quiet: true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, talk(nil), &hub.Options{Recent: hub.RecentOptions{Encoding: followed}}, func(t *testing.T, _ func(string) *peer, core *hub.Core) {
				o.Hub, o.ID, o.Principal = "talk", "p", hub.Principal{ID: "ann", Expires: in(time.Hour)}
				conn, err := core.Open(o)
				if err != nil {
					t.Fatal(err)
				}
				if p, ok := o.Sink.(*peer); ok {
					p.conn = conn
				}
				advance(time.Hour - time.Millisecond)
				if n := core.Stats().Connections; n != 1 {
					t.Fatalf("%d connections a moment before", n)
				}
				advance(time.Millisecond)
				if n := core.Stats().Connections; n != 0 {
					t.Errorf("%d connections when it has expired", n)
				}
				if f, ok := o.Sink.(*follower); ok && (f.closed == nil || !f.closed.Again || !strings.HasPrefix(f.closed.Text, "[expired] ")) {
					t.Errorf("its link was told %+v", f.closed)
				}
			})
		})
	}
}

func TestSetPrincipal_ofOthersAndLess(t *testing.T) {
	h := hubtest.NewWith(t, scopeTalk(), hub.Options{Refresh: func(_ context.Context, p hub.Principal, token string) (hub.Principal, string, error) {
		switch token {
		case "tenant":
			p.Tenant = "other"
		case "user":
			p.ID = "bob"
		case "nobody":
			p.ID = ""
		case "less":
			p.Scopes = scopesOf("page")
		case "bad":
			return hub.Principal{}, "", &access.Refusal{Code: access.CodeSession, Message: "Not that."}
		case "broken":
			return hub.Principal{}, "", errors.New("the disk is full")
		default:
			p.Name, p.Expires = "Ann the Second", in(2*time.Hour)
		}
		return p, "next " + token, nil
	}})
	ann := hub.Principal{Tenant: "contoso", ID: "ann", Name: "Ann", Expires: in(time.Hour)}
	c := h.Connect(ann)
	refresh := func(token string) (access.Access, error) {
		return hubtest.Call(t.Context(), c, access.Refresh, access.RefreshRequest{Token: token})
	}
	for token, code := range map[string]access.Code{"tenant": access.CodeToken, "user": access.CodeToken, "nobody": access.CodeToken, "bad": access.CodeSession} {
		_, err := refresh(token)
		refused(t, token, err, code)
	}
	if _, err := refresh("broken"); err == nil {
		t.Error("a broken one is taken")
	}
	a, err := refresh("later")
	if err != nil || a.SessionToken != "next later" || a.You.Name != "Ann the Second" || a.Expires <= ann.Expires || a.ExpiresIn <= 0 {
		t.Errorf("%+v, %v", a, err)
	}
	_, err = hubtest.Call(t.Context(), c, access.Rename, access.RenameRequest{Name: "Mallory"})
	refused(t, "a user's other name", err, access.CodeName)
	_, _ = refresh("less") // its answer comes too late
	closedFor(t, "who is where it may not be any more", c, access.CodeRules, true)

	none := hubtest.New(t, talk(nil))
	_, err = hubtest.Call(t.Context(), none.Connect(hub.Principal{}), access.Refresh, access.RefreshRequest{Token: "x"})
	refused(t, "without a hook", err, access.CodeToken)
}

func TestRename_staysThroughLaterRequests(t *testing.T) {
	h := hubtest.New(t, talk(nil))
	c := h.ConnectPage(hub.Principal{Name: "Ann"})
	rename := func(name string) (access.Access, error) {
		return hubtest.Call(t.Context(), c, access.Rename, access.RenameRequest{Name: name})
	}
	if a, err := rename("  Anna "); err != nil || a.You != (access.Person{Name: "Anna", Guest: true}) {
		t.Errorf("%+v, %v", a, err)
	}
	for _, bad := range []string{"", " ", "a\u202eb", "\u200b", strings.Repeat("n", 256), "a\nb"} {
		_, err := rename(bad)
		refused(t, "the name "+bad, err, access.CodeName)
	}
	if a, err := rename("Anna"); err != nil || a.You.Name != "Anna" {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestSetPrincipal_keepsTheNameThatAGuestHasGivenItself(t *testing.T) {
	bubble(t, talk(nil), nil, func(t *testing.T, open func(string) *peer, _ *hub.Core) {
		p := open("p")
		for _, row := range []struct{ comes, is string }{{"Ann", "Ann"}, {"Bob", "Bob"}} {
			if err := p.conn.SetPrincipal(hub.Principal{Name: row.comes}); err != nil || p.conn.Principal().Name != row.is {
				t.Errorf("%v, %+v", err, p.conn.Principal())
			}
		}
		p.say(t, `{"type":1,"invocationId":"1","target":"$rename","arguments":["Carol"]}`)
		for _, comes := range []string{"Ann", ""} {
			if err := p.conn.SetPrincipal(hub.Principal{Name: comes}); err != nil || p.conn.Principal().Name != "Carol" {
				t.Errorf("%v, %+v", err, p.conn.Principal())
			}
		}
		if err := p.conn.SetPrincipal(hub.Principal{Tenant: "x"}); !errors.Is(err, hub.ErrOtherTenant) {
			t.Errorf("another tenant's: %v", err)
		}
	})
}
