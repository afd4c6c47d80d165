package declared

import (
	"errors"
	"slices"

	"go.yaml.in/yaml/v4"

	"partline.dev/server/hub"
	"partline.dev/shared/contract"
)

// errRole is why somebody without the roles that a file asks for is refused.
var errRole = errors.New("the file of hubs allows other roles only")

// roles are those under n.
func (r *reader) roles(n *yaml.Node) []string {
	var roles []string
	for _, e := range r.Texts(n, "allow has a role, or a list of roles of which a user needs one") {
		roles = append(roles, e.Name)
	}
	return roles
}

// scopes are those under n.
func (r *reader) scopes(n *yaml.Node) []contract.Scope {
	var scopes []contract.Scope
	for _, e := range r.Texts(n, "scopes has a scope, or a list of scopes in one of which the caller has to be") {
		s, err := contract.ParseScope(e.Name)
		if err != nil {
			r.Wrong(e.Value, "%v", err)
		}
		scopes = append(scopes, s)
	}
	return scopes
}

// allows gives an error unless p has one of the roles.
func allows(roles []string, p hub.Principal) error {
	if slices.ContainsFunc(p.Roles, func(role string) bool { return slices.Contains(roles, role) }) {
		return nil
	}
	return errRole
}
