package hub

import (
	"slices"

	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// InScopes lets only those call the method who are in one of the scopes now. The
// others read a refusal, access.CodeScope.
func InScopes(scopes ...contract.Scope) MethodOption {
	set := contract.ScopesOf(scopes...)
	return Authorize(func(x *Context) error {
		if s, _ := x.Where(); !set.Has(s) {
			return errElsewhere
		}
		return nil
	})
}

// ForRoles lets only those call the method who have one of the roles. The others
// read a refusal, access.CodeSpeak.
func ForRoles(roles ...string) MethodOption {
	roles = slices.Clone(roles)
	return Authorize(func(x *Context) error {
		if !slices.ContainsFunc(x.Principal().Roles, func(role string) bool { return slices.Contains(roles, role) }) {
			return errRole
		}
		return nil
	})
}

var (
	errElsewhere = &access.Refusal{Code: access.CodeScope, Message: "This cannot be done in the scope that you are in."}
	errRole      = &access.Refusal{Code: access.CodeSpeak, Message: "You do not have the role that this needs."}
)
