package classic_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"partline.dev/server/classic"
	"partline.dev/server/keys"
	"partline.dev/shared/contract"
)

func TestGroups(t *testing.T) {
	ring := keys.Random()
	h := newHandler(t, classic.Options{Signer: keys.NewSigner(ring)})
	many := make([]classic.Membership, 1000)
	for i := range many {
		many[i] = classic.Membership{Hub: "chat", Group: fmt.Sprint(strings.Repeat("x", 250), i)}
	}
	for _, groups := range [][]classic.Membership{
		nil,
		{{Hub: "chat", Group: "a"}},
		{{Hub: "chat", Group: "a"}, {Hub: "chat", Group: "b.c:d|e,"}, {Hub: "other", Group: "a"}, {Hub: "chat", Group: "é😀"}},
		many,
	} {
		token := h.SignGroups(1, groups)
		if token == "" {
			t.Fatalf("%d groups have no token", len(groups))
		}
		for _, by := range []*classic.Handler{h, newHandler(t, classic.Options{Signer: keys.NewSigner(ring)})} {
			if got := by.VerifyGroups(1, token); !slices.Equal(got, groups) {
				t.Errorf("%.99v came back as %.99v", groups, got)
			}
		}
	}
}

// A token that is not the connection's own says that it is in no group.
func TestGroups_notTheirs(t *testing.T) {
	ring := keys.Random()
	h := newHandler(t, classic.Options{Signer: keys.NewSigner(ring)})
	token := h.SignGroups(1, []classic.Membership{{Hub: "chat", Group: "a"}})
	changed := []byte(token)
	changed[0] ^= 1
	for name, got := range map[string][]classic.Membership{
		"another connection": h.VerifyGroups(2, token),
		"another address":    newHandler(t, classic.Options{Signer: keys.NewSigner(ring), Path: "/x"}).VerifyGroups(1, token),
		"another key":        newHandler(t, classic.Options{}).VerifyGroups(1, token),
		"changed":            h.VerifyGroups(1, string(changed)),
		"cut":                h.VerifyGroups(1, token[:len(token)-4]),
		"empty":              h.VerifyGroups(1, ""),
		"words":              h.VerifyGroups(1, "undefined"),
		"huge":               h.VerifyGroups(1, strings.Repeat("A", 8<<20)),
	} {
		if got != nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestGroups_tooMany(t *testing.T) {
	h := newHandler(t, classic.Options{})
	long := make([]classic.Membership, classic.MaxGroups)
	for i := range long {
		long[i] = classic.Membership{Hub: "chat", Group: strings.Repeat("x", contract.MaxName)}
	}
	if token := h.SignGroups(1, long); token != "" {
		t.Errorf("a token of %d bytes", len(token))
	}
	short := make([]classic.Membership, classic.MaxGroups+1)
	for i := range short {
		short[i] = classic.Membership{Hub: "c", Group: "g"}
	}
	if token := h.SignGroups(1, short); token != "" {
		t.Errorf("a token of %d groups", len(short))
	}
	if token := h.SignGroups(1, short[1:]); len(h.VerifyGroups(1, token)) != classic.MaxGroups {
		t.Error("the most groups are lost")
	}
}

func FuzzGroups(f *testing.F) {
	h := newHandler(f, classic.Options{})
	f.Fuzz(func(t *testing.T, b []byte) {
		groups := classic.ReadGroups(b)
		if len(groups) > classic.MaxGroups || len(groups) > len(b) {
			t.Fatalf("%q has %d groups", b, len(groups))
		}
		for _, m := range groups {
			if contract.ValidName(m.Hub) != nil || contract.ValidName(m.Group) != nil {
				t.Fatalf("%q has %q", b, m)
			}
		}
		if token := h.SignGroups(1, groups); token != "" && !slices.Equal(h.VerifyGroups(1, token), groups) {
			t.Fatalf("%q did not come back", groups)
		}
		if h.VerifyGroups(1, string(b)) != nil {
			t.Fatalf("%q was taken for a token", b)
		}
	})
}
