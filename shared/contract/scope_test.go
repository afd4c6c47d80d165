package contract_test

import (
	"slices"
	"testing"

	"partline.dev/shared/contract"
)

func TestParseScope(t *testing.T) {
	for _, s := range contract.AllScopes {
		if got, err := contract.ParseScope(string(s)); err != nil || got != s {
			t.Errorf("%s is read as %q, %v", s, got, err)
		}
	}
	if got, err := contract.ParseScope("Place"); err != nil || got != contract.ScopePlace {
		t.Errorf("Place is read as %q, %v", got, err)
	}
	for _, word := range []string{"", "room", "page ", "all", "pаge"} {
		if got, err := contract.ParseScope(word); err == nil || got != "" {
			t.Errorf("%q is read as %q", word, got)
		}
	}
}

func TestScopes(t *testing.T) {
	set := contract.ScopesOf(contract.ScopeWorld, contract.ScopePage, "room", "")
	if got := set.List(); !slices.Equal(got, []contract.Scope{contract.ScopePage, contract.ScopeWorld}) {
		t.Errorf("the set is %v", got)
	}
	if set.Has(contract.ScopeUser) || set.Has("") || set.Has("room") || !set.Has(contract.ScopeWorld) {
		t.Error("it has what is not in it, or the other way round")
	}
	if n := len(contract.ScopesOf(contract.AllScopes[:]...).List()); n != len(contract.AllScopes) {
		t.Errorf("all scopes are %d", n)
	}
}
