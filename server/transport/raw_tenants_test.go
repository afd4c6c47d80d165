package transport_test

import (
	"net/http"
	"testing"
	"time"

	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// byHeaders takes who negotiates by its word.
type byHeaders struct{}

func (byHeaders) Negotiate(r *http.Request, _ front.At, _ *access.Request) (front.Admission, error) {
	return front.Admission{Principal: hub.Principal{Tenant: r.Header.Get("X-Tenant"), ID: r.Header.Get("X-User")}}, nil
}

func (byHeaders) Authenticate(*http.Request, front.At) (hub.Principal, bool, error) {
	return hub.Principal{}, false, nil
}

// TestHostile_rawConnectionsOfTenants has a client of bytes address everybody whom it
// can name: nobody of another tenant hears it, and nobody at all where it may only
// listen.
func TestHostile_rawConnectionsOfTenants(t *testing.T) {
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		listens := &hub.Rules{Scopes: contract.ScopesOf(contract.ScopeTenant)}
		s := serve(t, &transport.Options{Authority: byHeaders{}}, func(o *hub.Options) {
			o.Rules = func(p hub.Principal, _ string) *hub.Rules {
				if p.ID == "listener" {
					return listens
				}
				return nil
			}
		})
		mux, _ := s.raw(gathering, nil)
		guard := time.AfterFunc(time.Minute, func() { panic("somebody does not hear what is for it") })
		defer guard.Stop()
		as := func(tenant, user string) (talker, string) {
			c := open(s, "/raw", "X-Tenant: "+tenant, "X-User: "+user)
			return c, string(c.chunk())
		}
		ann, _ := as("a", "ann")
		also, _ := as("a", "also")
		listener, _ := as("a", "listener")
		bob, bobsID := as("b", "bob")
		for _, c := range []talker{ann, also, bob} {
			c.say("join room\n")
			hears(t, c, "joined")
		}
		for _, to := range []string{"all", "others", "room", "othersInRoom", "client " + bobsID, "caller"} {
			ann.say(to + " to-" + to[:3] + ";\n")
		}
		hears(t, ann, "to-all;to-roo;to-cal;")
		hears(t, also, "to-all;to-oth;to-roo;to-oth;")
		listener.say("all no\nothers no\njson 1\n")
		hears(t, listener, "to-all;to-oth;errorerrorerror")
		if err := hub.PublishRaw(t.Context(), mux.In("b").All(), []byte("first")); err != nil {
			t.Fatal(err)
		}
		hears(t, bob, "first")
		ann.say("all last\n")
		hears(t, also, "last")
	})
}
