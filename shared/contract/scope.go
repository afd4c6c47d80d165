package contract

import (
	"fmt"
	"strings"
)

// Scope says who hears a message: everybody whose connection has the same scope,
// and in it the same page, browser, user, place or tenant. On the wire it is its
// word.
type Scope string

// The scopes, from the narrowest to the widest. The zero Scope is none.
const (
	ScopePage    Scope = "page"    // this rendering of this page
	ScopeSession Scope = "session" // this browser under one host site, all its tabs
	ScopeUser    Scope = "user"    // one user, wherever connected
	ScopePlace   Scope = "place"   // a named room, or page address
	ScopeTenant  Scope = "tenant"  // everybody of one tenant
	ScopeWorld   Scope = "world"   // everybody of every tenant, where the operator allows it
)

// AllScopes are the scopes, from the narrowest to the widest.
var AllScopes = [...]Scope{ScopePage, ScopeSession, ScopeUser, ScopePlace, ScopeTenant, ScopeWorld}

// ParseScope reads the word of a scope, in any case. The error says which words
// there are.
func ParseScope(word string) (Scope, error) {
	for _, s := range AllScopes {
		if strings.EqualFold(word, string(s)) {
			return s, nil
		}
	}
	return "", fmt.Errorf("%.64q is no scope: those are page, session, user, place, tenant and world", word)
}

// Scopes is a set of scopes. The zero value is the empty set.
type Scopes uint8

// ScopesOf is the set of those scopes; what is no scope is not in it.
func ScopesOf(scopes ...Scope) (set Scopes) {
	for _, s := range scopes {
		set |= s.bit()
	}
	return set
}

// Has tells whether s is in the set.
func (set Scopes) Has(s Scope) bool { return set&s.bit() != 0 }

// List is the set, from the narrowest scope to the widest.
func (set Scopes) List() []Scope {
	list := []Scope{}
	for _, s := range AllScopes {
		if set.Has(s) {
			list = append(list, s)
		}
	}
	return list
}

func (s Scope) bit() Scopes {
	for i, other := range AllScopes {
		if s == other {
			return 1 << i
		}
	}
	return 0
}
