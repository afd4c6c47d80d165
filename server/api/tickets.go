package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"partline.dev/server/grants"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// ticket answers POST tickets. The members of the body are those of [grants.Ticket];
// times are in seconds.
func (h *Handler) ticket(w http.ResponseWriter, r *http.Request, who caller) answer {
	body, refused := readBody(w, r, maxAsked)
	if refused != nil {
		return refused.answer()
	}
	t, refused := readTicket(body, who.tenant)
	if refused != nil {
		return refused.answer()
	}
	now := time.UnixMilli(h.options.Now())
	signed, err := grants.Mint(h.options.Signer, t, now)
	if err != nil {
		if said := (*access.Refusal)(nil); errors.As(err, &said) {
			return bad(CodeBody, "%s", said.Message).answer()
		}
		return bad(CodeBody, "No such ticket can be made: %s.", err).answer()
	}
	h.minted.Add(1)
	return ok(http.StatusOK, map[string]any{"ticket": signed, "expires": now.Add(t.For).UnixMilli()})
}

// readTicket is the ticket that body asks for, of tenant.
func readTicket(body []byte, tenant string) (t grants.Ticket, refused *refusal) {
	asked, refused := members(body, "The body", "tenant", "user", "name", "icon", "roles", "hubs", "places", "scope", "scopes", "for", "session")
	if refused != nil {
		return t, refused
	}
	t.Tenant = tenant
	var other, scope string
	for _, one := range []struct {
		name string
		to   *string
	}{{"tenant", &other}, {"user", &t.User}, {"name", &t.Name}, {"icon", &t.Icon}, {"scope", &scope}} {
		if *one.to, refused = text(asked, one.name); refused != nil {
			return t, refused
		}
	}
	if other != "" && other != tenant {
		return t, &refusal{http.StatusForbidden, CodeTenant, "The API key is not of that tenant. A ticket is of the key's."}
	}
	var scopes []string
	for _, one := range []struct {
		name string
		to   *[]string
	}{{"roles", &t.Roles}, {"hubs", &t.Hubs}, {"places", &t.Places}, {"scopes", &scopes}} {
		if *one.to, refused = texts(asked, one.name); refused != nil {
			return t, refused
		}
	}
	if t.Scope, t.Scopes, refused = readScopes(scope, scopes); refused != nil {
		return t, refused
	}
	if t.For, refused = seconds(asked, "for"); refused != nil {
		return t, refused
	}
	if t.For == 0 {
		t.For = grants.DefaultTicket
	}
	t.Session, refused = seconds(asked, "session")
	return t, refused
}

// readScopes are the scope and the set of scopes that words name.
func readScopes(word string, words []string) (scope contract.Scope, set contract.Scopes, refused *refusal) {
	parse := func(word string) contract.Scope {
		s, err := contract.ParseScope(word)
		if err != nil && refused == nil {
			refused = bad(CodeBody, "%s.", err)
		}
		return s
	}
	if word != "" {
		scope = parse(word)
	}
	for _, one := range words {
		set |= contract.ScopesOf(parse(one))
	}
	return scope, set, refused
}

// seconds is a member that is a time.
func seconds(all map[string]json.RawMessage, name string) (time.Duration, *refusal) {
	const longest = 10 * 365 * 24 * 60 * 60
	n, refused := read[int64](all, name, "a number of seconds")
	if refused == nil && (n < 0 || n > longest) {
		refused = bad(CodeBody, "%s must be a number of seconds, from 1 to %d.", name, longest)
	}
	return time.Duration(n) * time.Second, refused
}
