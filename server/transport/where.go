package transport

import (
	"slices"

	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// where is an access.Where that a hub has found to make sense, in half the memory:
// what strangers negotiate and never open is kept for a while.
type where struct {
	page, session token
	place         string
	scope         int8 // of contract.AllScopes; -1: none
	hasPage       bool
	hasSession    bool
}

// packWhere is nil for who asks for nothing. It is not ok if w makes no sense.
func packWhere(w access.Where) (packed *where, ok bool) {
	if w == (access.Where{}) {
		return nil, true
	}
	packed = &where{place: w.Place, scope: -1, hasPage: w.Page != "", hasSession: w.Session != ""}
	if w.Scope != "" {
		s, err := contract.ParseScope(string(w.Scope))
		if err != nil {
			return nil, false
		}
		packed.scope = int8(slices.Index(contract.AllScopes[:], s))
	}
	pageOK, sessionOK := !packed.hasPage, !packed.hasSession
	if packed.hasPage {
		packed.page, pageOK = parseToken(w.Page)
	}
	if packed.hasSession {
		packed.session, sessionOK = parseToken(w.Session)
	}
	return packed, pageOK && sessionOK
}

// unpack is what was packed.
func (p *where) unpack() (w access.Where) {
	if p == nil {
		return w
	}
	w.Place = p.place
	if p.scope >= 0 {
		w.Scope = contract.AllScopes[p.scope]
	}
	if p.hasPage {
		w.Page = p.page.String()
	}
	if p.hasSession {
		w.Session = p.session.String()
	}
	return w
}
