package classic_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"partline.dev/server/classic"
	"partline.dev/server/hub"
	"partline.dev/server/keys"
)

const (
	textNoToken = "Protocol error: Missing connection token."
	textToken   = "The ConnectionId is in the incorrect format."
	textUser    = "Unrecognized user identity.  The user identity cannot change during an active SignalR connection."
)

var guidText = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func TestToken(t *testing.T) {
	ring := keys.Random()
	h := newHandler(t, classic.Options{Signer: keys.NewSigner(ring)})
	ann := hub.Principal{ID: "ann"}
	for _, principal := range []hub.Principal{{}, ann, {ID: strings.Repeat("long ", 1000)}} {
		id, token := h.NewToken(principal)
		if !guidText.MatchString(id) {
			t.Errorf("the id %q is no GUID", id)
		}
		if strings.Trim(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" || strings.Contains(token, "ann") {
			t.Errorf("the token is %q", token)
		}
		if got, _, refusal := h.VerifyToken(token, principal); got != id {
			t.Errorf("%.9q: the token is for %q (%s), not %q", principal.ID, got, refusal, id)
		}
	}
	id, token := h.NewToken(ann)
	again, another := h.NewToken(ann)
	if again == id {
		t.Error("two connections have one id")
	}
	if token[22:44] == another[22:44] {
		t.Error("two tokens tell that they are of one user")
	}
	// Another node, or this one after a restart, that serves the same address.
	if got, _, _ := newHandler(t, classic.Options{Signer: keys.NewSigner(ring), Path: "/SignalR"}).VerifyToken(token, ann); got != id {
		t.Errorf("elsewhere the token is for %q", got)
	}
	refused := func(by *classic.Handler, token string, principal hub.Principal, wantStatus int, want string) {
		t.Helper()
		if id, status, refusal := by.VerifyToken(token, principal); id != "" || status != wantStatus || refusal != want {
			t.Errorf("%.20q: %q, %d, %q", token, id, status, refusal)
		}
	}
	refused(h, "", ann, http.StatusBadRequest, textNoToken)
	refused(h, "null", ann, http.StatusBadRequest, textToken)
	refused(h, token[1:], ann, http.StatusBadRequest, textToken)
	refused(h, "A"+token[1:len(token)-1]+"A", ann, http.StatusBadRequest, textToken)
	refused(h, strings.Repeat("A", 1<<20), ann, http.StatusBadRequest, textToken)
	refused(h, h.SignGroups(1, []classic.Membership{{Hub: "chat", Group: "a"}}), ann, http.StatusBadRequest, textToken)
	refused(h, token, hub.Principal{}, http.StatusForbidden, textUser)
	refused(h, token, hub.Principal{ID: "Ann"}, http.StatusForbidden, textUser)
	refused(h, token, hub.Principal{Tenant: "contoso", ID: "ann"}, http.StatusForbidden, textUser)
	_, contosos := h.NewToken(hub.Principal{Tenant: "contoso", ID: "ann"})
	for _, other := range []hub.Principal{ann, {Tenant: "fabrikam", ID: "ann"}, {Tenant: "contosoan", ID: "n"}, {Tenant: "conto", ID: "soann"}, {ID: "contosoann"}} {
		refused(h, contosos, other, http.StatusForbidden, textUser)
	}
	refused(newHandler(t, classic.Options{Signer: keys.NewSigner(ring), Path: "/other"}), token, ann, http.StatusBadRequest, textToken)
	refused(newHandler(t, classic.Options{}), token, ann, http.StatusBadRequest, textToken)
}
