package auth_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/front"
	"partline.dev/server/grants"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
)

func TestSession_goesOnUntilItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		token, p := h.session(ann)
		time.Sleep(grants.DefaultSession - time.Millisecond)
		for range 3 { // it may be used as often as one likes
			got, given, err := h.Authenticate(request(token, ""), atChat)
			if err != nil || !given || got.ID != "ann" || got.Session != p.Session || got.Expires != p.Expires {
				t.Errorf("it is %+v, %v, %v", got, given, err)
			}
		}
		time.Sleep(time.Millisecond)
		_, given, err := h.Authenticate(request(token, ""), atChat)
		wantRefused(t, err, access.CodeSession, token)
		if !given {
			t.Error("bad credentials count as none")
		}
		_, err = h.bearer(token)
		wantRefused(t, err, access.CodeSession, token)
	})
}

func TestSession_isRenewedForOurClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		token, p := h.session(ann)
		time.Sleep(7 * time.Hour)
		admission, err := h.Negotiate(request(token, ""), atChat, &access.Request{})
		wantIn(t, err)
		time.Sleep(7 * time.Hour)
		next, token, err := h.Refresh(t.Context(), admission.Principal, admission.SessionToken)
		wantIn(t, err)
		if next.Expires != time.Now().Add(grants.DefaultSession).UnixMilli() || next.Issued != p.Issued || next.Session != p.Session {
			t.Errorf("renewed it is %+v", next)
		}
		time.Sleep(7 * time.Hour)
		_, err = h.bearer(token)
		wantIn(t, err)
	})
}

func TestHostile_session(t *testing.T) {
	h := newHouse(t)
	ticket := h.mint(ann)
	token, p := h.session(grants.Ticket{Tenant: "contoso", User: "ann", Hubs: []string{"chat"}})
	tries := map[string]struct {
		token string
		at    front.At
		asked *access.Request
		want  access.Code
	}{
		"at another hub":               {token, front.At{Hub: "quiz"}, nil, access.CodeSession},
		"at another tenant's address":  {token, front.At{Hub: "chat", Tenant: "fabrikam"}, nil, access.CodeSession},
		"with another tenant's key":    {token, atChat, &access.Request{Key: "ek_fabrikam__________"}, access.CodeSession},
		"cut":                          {token[:len(token)-2], atChat, nil, access.CodeSession},
		"made of a ticket":             {"ps1." + ticket[4:], atChat, nil, access.CodeSession},
		"in the place of a ticket":     {"", atChat, &access.Request{Ticket: token}, access.CodeTicket},
		"bad, with a good ticket":      {"ps1.x", atChat, &access.Request{Ticket: ticket}, access.CodeSession},
		"of a ticket, with no address": {"ps1.", atChat, nil, access.CodeSession},
	}
	for what, try := range tries {
		t.Run(what, func(t *testing.T) {
			_, err := h.Negotiate(request(try.token, ""), try.at, try.asked)
			wantRefused(t, err, try.want, token)
			if try.asked == nil {
				_, _, err = h.Authenticate(request(try.token, ""), try.at)
				wantRefused(t, err, try.want, token)
			}
		})
	}
	_, _, err := h.Authenticate(request(ticket, ""), atChat)
	wantRefused(t, err, access.CodeTicket, ticket)
	_, err = h.redeem(ticket, atChat)
	wantIn(t, err) // none of these has used it up
	if p.Session == "" {
		t.Error("the session has no name")
	}
}

func TestRefresh_takesTheSameUsersOnly(t *testing.T) {
	h := newHouse(t, from(standard()))
	token, p := h.session(ann)
	other, _ := h.session(ann)
	bob, _ := h.session(grants.Ticket{Tenant: "contoso", User: "bob"})
	elsewhere, _ := h.session(grants.Ticket{Tenant: "fabrikam", User: "ann"})
	bearer := hub.Principal{Tenant: "contoso", ID: "bob"}
	for what, try := range map[string]struct {
		p     hub.Principal
		token string
		want  access.Code
	}{
		"another session of the user":     {p, other, access.CodeSession},
		"another user's session":          {p, bob, access.CodeSession},
		"another tenant's session":        {p, elsewhere, access.CodeSession},
		"another user's bearer token":     {bearer, annsToken(t), access.CodeToken},
		"another tenant's bearer token":   {hub.Principal{Tenant: "fabrikam", ID: "ann"}, annsToken(t), access.CodeToken},
		"a guest's, and a user's token":   {hub.Principal{Tenant: "contoso"}, annsToken(t), access.CodeToken},
		"a session of who has none":       {hub.Principal{Tenant: "contoso", ID: "ann"}, token, access.CodeSession},
		"a ticket":                        {p, h.mint(ann), access.CodeToken},
		"nothing":                         {p, "", access.CodeToken},
		"a forged session":                {p, token + "A", access.CodeSession},
		"a bearer token of 64 KiB":        {p, string(make([]byte, 64<<10)), access.CodeToken},
		"a session token as bearer token": {p, token[4:], access.CodeToken},
	} {
		t.Run(what, func(t *testing.T) {
			next, session, err := h.Refresh(context.Background(), try.p, try.token)
			wantRefused(t, err, try.want, token)
			if next.ID != "" || session != "" {
				t.Errorf("it gives %+v, %q", next, session)
			}
		})
	}
	next, session, err := h.Refresh(context.Background(), p, annsToken(t))
	if err != nil || session != "" || next.ID != "ann" || next.Session != "" {
		t.Errorf("a bearer token of the same user gives %+v, %q, %v", next, session, err)
	}
}

func TestRefresh_keepsANickname(t *testing.T) {
	h := newHouse(t)
	admission, err := h.Negotiate(request("", ""), atChat, &access.Request{Ticket: h.mint(grants.Ticket{Tenant: "contoso"}), Name: "Ann"})
	wantIn(t, err)
	p := admission.Principal
	if !p.Guest() || p.Name != "Ann" {
		t.Fatalf("a guest with a ticket is %+v", p)
	}
	p.Name = "Anna" // since then
	next, _, err := h.Refresh(context.Background(), p, admission.SessionToken)
	if err != nil || next.Name != "Anna" || !next.Guest() {
		t.Errorf("it became %+v, %v", next, err)
	}
}
