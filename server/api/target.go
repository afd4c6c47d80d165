package api

import (
	"encoding/json"
	"net/http"

	"partline.dev/server/hub"
	"partline.dev/server/tenants"
	"partline.dev/shared/contract"
)

// whom are the members of "to" of which there is exactly one.
var whom = []string{"all", "group", "groups", "user", "users", "connection", "connections", "scope"}

// target is whom "to" names, among all; raw is nil if there is none. World tells
// whether tenants may speak to one another on the hub.
func target(raw json.RawMessage, all hub.Targets, world bool) (hub.Target, *refusal) {
	if raw == nil || string(raw) == "null" {
		return all.All(), nil
	}
	to, refused := members(raw, "to", append([]string{"id", "except"}, whom...)...)
	if refused != nil {
		return hub.Target{}, refused
	}
	named := ""
	for _, one := range whom {
		if _, there := to[one]; !there {
			continue
		}
		if named != "" {
			return hub.Target{}, bad(CodeTarget, "to names both %s and %s; it names one of them.", named, one)
		}
		named = one
	}
	if _, there := to["id"]; there && named != "scope" {
		return hub.Target{}, bad(CodeTarget, "to has an id, which goes with a scope only.")
	}
	if _, there := to["except"]; there && named != "all" && named != "group" {
		return hub.Target{}, bad(CodeTarget, "to leaves connections out (except), which goes with all and group only.")
	}
	switch named {
	case "":
		return hub.Target{}, bad(CodeTarget, "to names nobody: it has one of %s.", listed(whom))
	case "all":
		return everybody(to, all)
	case "scope":
		return ofScope(to, all, world)
	}
	return ofNames(named, to, all)
}

// everybody is the target of "all".
func everybody(to map[string]json.RawMessage, all hub.Targets) (hub.Target, *refusal) {
	if yes, refused := read[bool](to, "all", "true"); refused != nil || !yes {
		return hub.Target{}, bad(CodeTarget, "all must be true.")
	}
	except, refused := texts(to, "except")
	return all.AllExcept(except...), refused
}

// ofNames is the target of "group", "users" and the like.
func ofNames(named string, to map[string]json.RawMessage, all hub.Targets) (t hub.Target, refused *refusal) {
	var names []string
	switch named {
	case "group", "user", "connection":
		var one string
		one, refused = text(to, named)
		names = []string{one}
	default:
		names, refused = texts(to, named)
	}
	if refused != nil {
		return t, refused
	}
	if len(names) == 0 {
		return t, bad(CodeTarget, "%s names nobody.", named)
	}
	for _, name := range names {
		if err := contract.ValidName(name); err != nil {
			return t, bad(CodeTarget, "%s: no name of 1 to %d bytes without control characters: %.64q.", named, contract.MaxName, name)
		}
	}
	switch named {
	case "group":
		except, refused := texts(to, "except")
		return all.GroupExcept(names[0], except...), refused
	case "groups":
		return all.Groups(names...), nil
	case "user", "users":
		return all.Users(names...), nil
	}
	return all.Clients(names...), nil
}

// ofScope is the target of "scope".
func ofScope(to map[string]json.RawMessage, all hub.Targets, world bool) (t hub.Target, refused *refusal) {
	word, refused := text(to, "scope")
	if refused != nil {
		return t, refused
	}
	id, refused := text(to, "id")
	if refused != nil {
		return t, refused
	}
	return scopeTarget(word, id, all, world)
}

// scopeTarget is everybody in the scope that word names, with that id.
func scopeTarget(word, id string, all hub.Targets, world bool) (t hub.Target, refused *refusal) {
	scope, err := contract.ParseScope(word)
	if err != nil {
		return t, bad(CodeTarget, "scope: %s.", err)
	}
	one := scope != contract.ScopeTenant && scope != contract.ScopeWorld
	switch {
	case scope == contract.ScopeWorld && !world:
		return t, &refusal{http.StatusForbidden, CodeWorld, "On this hub tenants do not speak to one another: the tenants file does not name it under world."}
	case !one && id != "":
		return t, bad(CodeTarget, "The scope %s has no id.", scope)
	case one && contract.ValidName(id) != nil:
		return t, bad(CodeTarget, "The scope %s needs its id, a name of 1 to %d bytes without control characters.", scope, contract.MaxName)
	}
	return all.InScope(scope, id), nil
}

// world tells whether tenants may speak to one another on m.
func world(book *tenants.Book, m *hub.Mux) bool { return book.World(m.Name()) }
