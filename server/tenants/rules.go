package tenants

import (
	"slices"

	"partline.dev/server/hub"
	"partline.dev/server/yamlfile"
	"partline.dev/shared/contract"
)

// who are those whom a rule is for. The zero value is nobody.
type who struct {
	everybody, users bool
	roles            []string
}

// includes tells whether p is one of them.
func (w *who) includes(p *hub.Principal) bool {
	return w.everybody || w.users && !p.Guest() ||
		slices.ContainsFunc(w.roles, func(role string) bool { return slices.Contains(p.Roles, role) })
}

// defaultUses are who may be in a scope of which a file says nothing.
var defaultUses = map[contract.Scope]who{
	contract.ScopePage:    {everybody: true},
	contract.ScopeSession: {everybody: true},
	contract.ScopeUser:    {users: true},
	contract.ScopePlace:   {everybody: true},
	contract.ScopeTenant:  {everybody: true},
	contract.ScopeWorld:   {},
}

// ruleKey tells apart the rules of a tenant: in all else they are the same.
type ruleKey struct{ scopes, speaks contract.Scopes }

// Rules are what p, who is the tenant's, may do on the hub of that name. Principals
// for whom they are the same have the same rules, of which a tenant keeps a
// bounded number.
func (t *Tenant) Rules(p hub.Principal, hubName string) *hub.Rules {
	var key ruleKey
	for _, s := range contract.AllScopes {
		uses := t.uses[s]
		switch {
		case s == contract.ScopeUser && p.Guest():
			continue // who is nobody's user
		case s == contract.ScopeWorld && !t.world[yamlfile.Fold(hubName)]:
			continue
		case !uses.includes(&p):
			continue
		}
		key.scopes |= contract.ScopesOf(s)
		if speaks, ok := t.speaks[s]; !ok || speaks.includes(&p) {
			key.speaks |= contract.ScopesOf(s)
		}
	}
	if made, ok := t.made.Load(key); ok {
		return made.(*hub.Rules)
	}
	rules := t.limits
	rules.Scopes, rules.Speaks, rules.AnyPlace = key.scopes, key.speaks, t.AnyPlace
	made, _ := t.made.LoadOrStore(key, &rules)
	return made.(*hub.Rules)
}
