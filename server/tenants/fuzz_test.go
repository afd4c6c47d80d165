package tenants_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode"

	"partline.dev/server/hub"
	"partline.dev/server/tenants"
	"partline.dev/server/yamlfile"
	"partline.dev/shared/contract"
)

// FuzzRead holds that any file is either a book in which every tenant is found by
// what is its own, or mistakes in lines that there are, each a line of text.
func FuzzRead(f *testing.F) {
	for _, text := range mistaken {
		f.Add([]byte(text))
	}
	for _, text := range documented(f) {
		f.Add([]byte(text))
	}
	f.Add([]byte(full))
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := tenants.Read(text)
		if err == nil {
			for _, one := range b.All() {
				check(t, b, one)
			}
			printable(t, strings.ReplaceAll(b.String(), "\n", " "))
			return
		}
		wrong := yamlfile.Mistakes(nil)
		if !errors.As(err, &wrong) || len(wrong) == 0 || b != nil {
			t.Fatalf("%v, %v", b, err)
		}
		last, lines := 1, bytes.Count(text, []byte("\n"))+1
		for _, m := range wrong {
			if m.Line < last || m.Line > lines {
				t.Errorf("line %d of %d, after line %d", m.Line, lines, last)
			}
			last = m.Line
			printable(t, m.Text)
		}
	})
}

func printable(t *testing.T, text string) {
	t.Helper()
	if text == "" || strings.ContainsFunc(text, func(c rune) bool { return !unicode.IsPrint(c) }) {
		t.Errorf("somebody is to read %q", text)
	}
}

// check holds of one tenant of b what a file cannot change.
func check(t *testing.T, b *tenants.Book, one *tenants.Tenant) {
	if contract.ValidName(one.Name) != nil || strings.Contains(one.Name, "/") || b.Tenant(one.Name) != one {
		t.Errorf("the tenant %q is not to be found", one.Name)
	}
	for _, key := range one.EmbedKeys {
		if b.ByEmbedKey(key) != one || len(key) < 19 {
			t.Errorf("%q is not to be found", key)
		}
	}
	for _, host := range one.Hosts {
		if strings.Contains(host, "*") {
			continue
		}
		if found := b.ByOrigin(host); !one.AllowsOrigin(host) || found != nil && found != one && !found.AllowsOrigin(host) {
			t.Errorf("%q is of %v", host, found)
		}
	}
	checkIssuers(t, b, one)
	checkRules(t, b, one)
}

func checkIssuers(t *testing.T, b *tenants.Book, one *tenants.Tenant) {
	for i, iss := range one.Issuers {
		if len(iss.Audience) == 0 || len(iss.Algorithms) == 0 || iss.Name == "" || iss.JWKS == "" || iss.User == "" {
			t.Errorf("%+v", iss)
		}
		for _, audience := range iss.Audience {
			if who, found := b.Issuer(iss.Name, []string{audience}); who != one || found != &one.Issuers[i] {
				t.Errorf("%s for %s is of %v", iss.Name, audience, who)
			}
		}
		for _, alg := range iss.Algorithms {
			if strings.HasPrefix(alg, "HS") || alg == "none" {
				t.Errorf("tokens may be signed with %s", alg)
			}
		}
	}
}

func checkRules(t *testing.T, b *tenants.Book, one *tenants.Tenant) {
	for _, p := range []hub.Principal{{}, {Roles: []string{"editor"}}, {ID: "ann"}, {ID: "ann", Roles: []string{"editor"}}} {
		rules := one.Rules(p, "chat")
		if rules.Speaks&^rules.Scopes != 0 || p.Guest() && rules.Scopes.Has(contract.ScopeUser) || rules.Scopes.Has(contract.ScopeWorld) && !b.World("chat") {
			t.Errorf("%+v: %+v", p, rules)
		}
		if rules.Rate.Messages < 0 || rules.Rate.Bytes < 0 || rules.Connections < 0 || rules.Rooms < 0 {
			t.Errorf("limits %+v", rules)
		}
	}
}
