package transport_test

import (
	"slices"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/transport"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// oneConnection lets each user have one.
func oneConnection(o *hub.Options) {
	everything := contract.ScopesOf(contract.AllScopes[:]...)
	o.Rules = func(hub.Principal, string) *hub.Rules {
		return &hub.Rules{Scopes: everything, Speaks: everything, AnyPlace: true, Connections: 1}
	}
}

// Who negotiated in time and opens too late hears why, over its link, and may come
// back; who negotiates when it is too late hears it at once.
func TestEachWay_tooManyConnections(t *testing.T) {
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		s := serve(t, &transport.Options{Authority: &gate{}}, oneConnection)
		first, second := open(s, "/talk", asUser("ann contoso")...), open(s, "/talk", asUser("ann contoso")...)
		other := greet(t, open(s, "/talk", asUser("bob contoso")...))
		greet(t, first)
		second.say(handshakeJSON)
		var got []string
		for len(got) < 2 {
			got = append(got, heardOf(t, second)...)
		}
		const why = "[connections] You have as many connections open as one user may. Close one and try again."
		if want := []string{"{}", `{"type":7,"error":"` + why + `","allowReconnect":true}`}; !slices.Equal(got, want) {
			t.Errorf("the second heard %q, want %q", got, want)
		}
		if rest := second.chunk(); rest != nil {
			t.Errorf("after the end came %q", rest)
		}
		q := s.requester("/talk")
		if res, a := q.ask(`{}`, asUser("ann contoso")...); res.status != 429 || a.Code != access.CodeConnections {
			t.Errorf("a third: %v", res)
		}
		for _, refused := range []reply{
			q.do(t.Context(), "POST", "/negotiate?negotiateVersion=1", "", asUser("ann contoso")...),
			q.do(t.Context(), "GET", "", "", append(asUser("ann contoso"), upgradeHeaders...)...),
		} {
			if refused.status != 429 || refused.body != why {
				t.Errorf("an unmodified third: %v", refused)
			}
		}
		s.core.Reconsider()
		if err := hub.Publish(t.Context(), s.talk.In("contoso").All(), heardEvent, say{"hi"}); err != nil {
			t.Fatal(err)
		}
		for _, c := range []talker{first, other} {
			if got := heardOf(t, c); !slices.Equal(got, []string{heard("hi")}) {
				t.Errorf("heard %q", got)
			}
		}
	})
}
