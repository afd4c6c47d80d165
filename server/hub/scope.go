package hub

import (
	"slices"

	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// kindOf is the kind of the rooms of a scope, which is one of [contract.AllScopes].
func kindOf(s contract.Scope) roomKind {
	return kindPage + roomKind(slices.Index(contract.AllScopes[:], s))
}

// scope is whose rooms are of that kind; empty: no scope's.
func (k roomKind) scope() contract.Scope {
	if k < kindPage {
		return ""
	}
	return contract.AllScopes[k-kindPage]
}

// narrowing is in which order a client that asks for nothing gets a scope: the
// tenant, or the widest below that it may use. The world is for who asks.
var narrowing = [...]contract.Scope{contract.ScopeTenant, contract.ScopePlace, contract.ScopeUser, contract.ScopeSession, contract.ScopePage}

// scopes are those that p may use under r.
func (p *Principal) scopes(r *Rules) contract.Scopes {
	set := r.Scopes
	if p.Scopes != 0 {
		set &= p.Scopes
	}
	if p.Guest() {
		set &^= contract.ScopesOf(contract.ScopeUser)
	}
	if !r.AnyPlace && len(p.Places) == 0 {
		set &^= contract.ScopesOf(contract.ScopePlace)
	}
	return set
}

// mayBeIn tells whether p may be in a room of a scope under r.
func (p *Principal) mayBeIn(key Room, r *Rules) bool {
	s := key.kind.scope()
	if s == "" {
		return true
	}
	return p.scopes(r).Has(s) && (s != contract.ScopePlace || p.mayEnter(key.name, r))
}

// mayEnter tells whether p may be in the place of that name.
func (p *Principal) mayEnter(place string, r *Rules) bool {
	return r.AnyPlace || slices.Contains(p.Places, place)
}

// roomFor is the scope room of a connection of p that asks for w; the zero Room:
// there is none for who asks for nothing. The error is an [*access.Refusal].
func (c Targets) roomFor(p *Principal, r *Rules, w *access.Where) (Room, error) {
	if err := c.checkWhere(w); err != nil {
		return Room{}, err
	}
	usable := p.scopes(r)
	if w.Scope != "" {
		s, err := contract.ParseScope(string(w.Scope))
		if err != nil || !usable.Has(s) {
			return Room{}, errScope
		}
		return c.roomOfOwn(p, r, s, w)
	}
	for _, s := range append([]contract.Scope{p.Scope}, narrowing[:]...) {
		if !usable.Has(s) {
			continue
		}
		if key, err := c.roomOfOwn(p, r, s, w); err == nil {
			return key, nil
		}
	}
	return Room{}, nil
}

// checkWhere refuses what cannot be meant, whether it is needed or not.
func (c Targets) checkWhere(w *access.Where) error {
	for _, id := range []string{w.Page, w.Session} {
		if id == "" {
			continue
		}
		if _, err := readCapability(id); err != nil {
			return err
		}
	}
	if w.Place != "" && contract.ValidName(w.Place) != nil {
		return errPlaceName
	}
	return nil
}

// roomOfOwn is the room of a scope for p itself, which may use the scope.
func (c Targets) roomOfOwn(p *Principal, r *Rules, s contract.Scope, w *access.Where) (Room, error) {
	id := ""
	switch s {
	case contract.ScopePage:
		id = w.Page
	case contract.ScopeSession:
		if id = w.Session; id == "" {
			id = w.Page // a browser that keeps nothing is known by its page
		}
	case contract.ScopeUser:
		id = p.ID
	case contract.ScopePlace:
		if id = w.Place; id == "" && len(p.Places) > 0 {
			id = p.Places[0]
		}
		if !p.mayEnter(id, r) || id == "" {
			return Room{}, errPlace
		}
	}
	return c.scopeRoom(s, id)
}

// scopeRoom is the room of a scope: id is what is said of it in [Targets.InScope].
func (c Targets) scopeRoom(s contract.Scope, id string) (Room, error) {
	key := Room{tenant: c.tenant, hub: c.mux.Name(), kind: kindOf(s), name: id}
	switch s {
	case contract.ScopePage, contract.ScopeSession:
		name, err := c.mux.core.capabilities.room(c.tenant, s, id)
		key.name = name
		return key, err
	case contract.ScopeUser, contract.ScopePlace:
		return key, contract.ValidName(id)
	case contract.ScopeWorld:
		key.tenant = ""
	}
	key.name = ""
	return key, nil
}

// What is said of a scope that cannot be.
var (
	errScope      = &access.Refusal{Code: access.CodeScope, Message: "You may not use this scope here."}
	errNoScope    = &access.Refusal{Code: access.CodeScope, Message: "There is nobody whom you could hear or speak to here."}
	errPlace      = &access.Refusal{Code: access.CodePlace, Message: "You may not enter this place."}
	errPlaceName  = &access.Refusal{Code: access.CodePlace, Message: "No place can be called that."}
	errIdentifier = &access.Refusal{Code: access.CodeIdentifier, Message: "The id of a page or session has 22 characters of base64url."}
)
