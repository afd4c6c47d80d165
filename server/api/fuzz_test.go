package api_test

import (
	"net/http"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
)

// Whatever comes is published as the contract has it or refused with a code, and
// never reaches another tenant.
func FuzzPublish(f *testing.F) {
	for _, seed := range []string{
		`{"arguments":["a",1]}`, `{"arguments":["a",1],"to":{"group":"g","except":["x"]}}`, `{"to":{"scope":"place","id":"p"},"arguments":["a",1]}`,
		`{"arguments":[],"to":{"scope":"page","id":"AAAAAAAAAAAAAAAAAAAAAA"}}`, `{"arguments":["\ud800",-1e3]}`, `{"to":{"users":["a","b"]}}`, `[[[[`, `{"a":`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		fix := serve(t, nil)
		own, other := fix.hub.Connect(hub.Principal{Tenant: "contoso", ID: "a"}), fix.hub.Connect(hub.Principal{Tenant: "fabrikam", ID: "a"})
		a := fix.publish(string(body))
		switch a.Code {
		case http.StatusAccepted:
		case http.StatusBadRequest, http.StatusForbidden, http.StatusRequestEntityTooLarge:
			if len(hubtest.Heard(t, own, saidEvent)) > 0 {
				t.Errorf("%q was refused with %s, and heard", body, a.Body)
			}
		default:
			t.Errorf("%q is answered with %d %s", body, a.Code, a.Body)
		}
		if len(hubtest.Heard(t, other, saidEvent)) > 0 {
			t.Errorf("%q reached another tenant", body)
		}
	})
}

// Whatever is asked of tickets, what comes is a ticket or a refusal.
func FuzzTicket(f *testing.F) {
	for _, seed := range []string{`{}`, `{"user":"ann","roles":["r"],"scopes":["page"]}`, `{"for":60,"session":1}`, `{"tenant":"contoso"}`, `{"icon":"https://x/y"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		fix := serve(t, nil)
		switch a := fix.ask(http.MethodPost, "/api/v1/tickets", fix.contoso, string(body)); a.Code {
		case http.StatusOK, http.StatusBadRequest, http.StatusForbidden, http.StatusRequestEntityTooLarge:
		default:
			t.Errorf("%q is answered with %d %s", body, a.Code, a.Body)
		}
	})
}
