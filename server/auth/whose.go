package auth

import (
	"net/http"

	"partline.dev/server/front"
	"partline.dev/server/grants"
	"partline.dev/server/tenants"
	"partline.dev/shared/access"
)

// visit is a request, and what in it says whose visitor its client is.
type visit struct {
	book   *tenants.Book
	at     front.At
	origin string // of another site's page; empty: it is the server's own, or none
	key    string // embed key
	name   string // nickname
	ticket string
	bearer string
}

func newVisit(book *tenants.Book, r *http.Request, at front.At, asked *access.Request) *visit {
	v := &visit{book: book, at: at, bearer: front.BearerToken(r)}
	if !at.OwnPage {
		v.origin = r.Header.Get("Origin")
	}
	if asked != nil {
		v.key, v.name, v.ticket = asked.Key, asked.Name, asked.Ticket
	}
	return v
}

// tenantOf is the tenant of a principal; nil: there is none of that name. A server
// without a file has one, whatever tenants its program's log-in knows.
func tenantOf(book *tenants.Book, name string) *tenants.Tenant {
	if only := book.Only(); only != nil && only.Name == "" {
		return only
	}
	return book.Tenant(name)
}

// whose is the tenant of a visitor whose credentials name none: that of the
// address, else of the embed key, else of the page's site, else the only one.
func (v *visit) whose() (*tenants.Tenant, error) {
	t, err := v.named()
	if err != nil {
		return nil, err
	}
	if t == nil {
		t = v.book.ByOrigin(v.origin)
	}
	if t == nil {
		t = v.book.Only()
	}
	if t == nil {
		return nil, grants.Because(errTenant, "neither address, embed key nor site says which tenant is meant")
	}
	return t, v.mayShow(t)
}

// agrees reports why a visitor whose credentials are t's cannot be that: the
// address or the embed key is another tenant's, and then the credentials are not
// good here, or the page is.
func (v *visit) agrees(t *tenants.Tenant, wrong *access.Refusal) error {
	named, err := v.named()
	if err != nil {
		return err
	}
	if named != nil && named != t {
		return grants.Because(wrong, "it is of %q, and the address or the embed key of %q", t.Name, named.Name)
	}
	return v.mayShow(t)
}

// named is the tenant that the address names, or the embed key; nil: neither does.
func (v *visit) named() (t *tenants.Tenant, err error) {
	if v.at.Tenant != "" {
		if t = v.book.Tenant(v.at.Tenant); t == nil {
			return nil, grants.Because(errTenant, "the address is of %q, which is no tenant", v.at.Tenant)
		}
	}
	if v.key == "" {
		return t, nil
	}
	byKey := v.book.ByEmbedKey(v.key)
	switch {
	case byKey == nil:
		return nil, grants.Because(errKey, "no tenant has the embed key") // what stands there may be a secret
	case t != nil && t != byKey:
		return nil, grants.Because(errKey, "the embed key is of %q, and the address of %q", byKey.Name, t.Name)
	}
	return byKey, nil
}

// mayShow reports that the page's site is none of the tenant's. That it is allowed
// at all was seen to before, though perhaps by the book before this one.
func (v *visit) mayShow(t *tenants.Tenant) error {
	if v.origin == "" || t.AllowsOrigin(v.origin) {
		return nil
	}
	return grants.Because(errHost, "the site %.255q is none of %q", v.origin, t.Name)
}
