package hub_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

func TestCapabilityRoom_isOfItsKeyTenantScopeAndID(t *testing.T) {
	id := hubtest.ID("page")
	raw, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, key := range []string{"key", "keys"} {
		for _, tenant := range []string{"", "a", "ap", "apage", "a\x00", "a\x00\x00\x00\x00\x00\x00\x00\x04page"} {
			for _, s := range []contract.Scope{contract.ScopePage, contract.ScopeSession} {
				for _, id := range []string{id, hubtest.ID("another")} {
					what := fmt.Sprintf("%q %q %s %s", key, tenant, s, id)
					name := hub.CapabilityRoom([]byte(key), tenant, s, id)
					if again := hub.CapabilityRoom([]byte(key), tenant, s, id); again != name || len(name) != 16 {
						t.Errorf("%s: %x, then %x", what, name, again)
					}
					if other, taken := seen[name]; taken {
						t.Errorf("%s is %s", what, other)
					}
					if strings.Contains(name, string(raw[:4])) {
						t.Errorf("%s: the room's name tells the id", what)
					}
					seen[name] = what
				}
			}
		}
	}
}

// FuzzCapability has ids that are one, in their one spelling, and all that are not.
func FuzzCapability(f *testing.F) {
	m := scopeTalk()
	h := hubtest.New(f, m)
	f.Add(hubtest.ID("page"))
	f.Add("")
	f.Add(strings.Repeat("=", 22))
	f.Add(hubtest.ID("page")[:21] + "\n")
	f.Fuzz(func(t *testing.T, id string) {
		raw, err := base64.RawURLEncoding.DecodeString(id)
		good := err == nil && len(raw) == 16 && base64.RawURLEncoding.EncodeToString(raw) == id
		a, err := h.Core().Access("talk", hub.Principal{}, access.Where{Scope: contract.ScopePage, Page: id})
		if good != (err == nil) || good && a.Scope != contract.ScopePage {
			t.Errorf("%q: %+v, %v", id, a, err)
		}
		if err := hub.Publish(t.Context(), m.InScope(contract.ScopePage, id), heardEvent, say{}); good != (err == nil) {
			t.Errorf("publishing to %q: %v", id, err)
		}
	})
}
