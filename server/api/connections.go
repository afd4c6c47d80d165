package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"partline.dev/server/hub"
	"partline.dev/shared/contract"
)

// How many connections one answer lists.
const (
	listFew  = 100
	listMany = 1000
)

// present is one connection, as it is listed.
type present struct {
	ID        string         `json:"id"`
	User      string         `json:"user,omitempty"` // absent: a guest
	Name      string         `json:"name,omitempty"`
	Session   string         `json:"session,omitempty"` // absent: it came without a ticket
	Scope     contract.Scope `json:"scope,omitempty"`
	Transport string         `json:"transport,omitempty"`
	Since     int64          `json:"since"` // ms since 1970
}

// listing is the answer about connections.
type listing struct {
	Total       int       `json:"total"`
	Connections []present `json:"connections"`
	Next        string    `json:"next,omitempty"` // what to ask for after; absent: these were the last
}

// connections answers GET hubs/{hub}/connections.
func (h *Handler) connections(_ http.ResponseWriter, r *http.Request, who caller, m *hub.Mux) answer {
	asked, refused := parameters(r, "user", "group", "scope", "id", "limit", "after")
	if refused != nil {
		return refused.answer()
	}
	in, refused := among(asked, m.In(who.tenant), world(who.book, m))
	if refused != nil {
		return refused.answer()
	}
	limit := listFew
	if text, there := asked["limit"]; there {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > listMany {
			return bad(CodeBody, "limit must be a number from 0 to %d.", listMany).answer()
		}
		limit = n
	}
	list, total := m.Connections(who.tenant, in, limit, asked["after"])
	is := listing{Total: total, Connections: []present{}}
	for _, one := range list {
		is.Connections = append(is.Connections, present{
			ID: one.ConnectionID, User: one.Principal.ID, Name: one.Principal.Name, Session: one.Principal.Session,
			Scope: one.Scope, Transport: one.Transport, Since: one.Since,
		})
	}
	if limit > 0 && len(list) == limit {
		is.Next = list[limit-1].ConnectionID
	}
	return ok(http.StatusOK, is)
}

// among is whose connections are asked for; nil: everybody's.
func among(asked map[string]string, all hub.Targets, world bool) (in *hub.Target, refused *refusal) {
	named := ""
	for _, one := range []string{"user", "group", "scope"} {
		if _, there := asked[one]; !there {
			continue
		}
		if named != "" {
			return nil, bad(CodeTarget, "The query names both %s and %s; it names one of them.", named, one)
		}
		named = one
	}
	name := asked[named]
	if named != "scope" && asked["id"] != "" {
		return nil, bad(CodeTarget, "The query has an id, which goes with a scope only.")
	}
	if (named == "user" || named == "group") && contract.ValidName(name) != nil {
		return nil, bad(CodeTarget, "%s: no name of 1 to %d bytes without control characters: %.64q.", named, contract.MaxName, name)
	}
	var t hub.Target
	switch named {
	case "":
		return nil, nil
	case "user":
		t = all.User(name)
	case "group":
		t = all.Group(name)
	case "scope":
		if t, refused = scopeTarget(name, asked["id"], all, world); refused != nil {
			return nil, refused
		}
	}
	return &t, nil
}

// parameters are those of r's query, each of which must be known, and be there once.
func parameters(r *http.Request, known ...string) (map[string]string, *refusal) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, bad(CodeBody, "The query is none.")
	}
	all := map[string]string{}
	for name, values := range query {
		switch {
		case !slices.Contains(known, name):
			return nil, bad(CodeBody, "The query has %.64q, which is none of %s.", name, listed(known))
		case len(values) > 1:
			return nil, bad(CodeBody, "The query has %s twice.", name)
		}
		all[name] = values[0]
	}
	return all, nil
}
