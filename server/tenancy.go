package server

import (
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/page"
	"partline.dev/server/tenants"
	"partline.dev/server/yamlfile"
)

// tenancy is whose visitors there may be: those of the tenants of a file, as it is
// now, or of the one tenant that the flags make.
type tenancy struct {
	file *tenants.File // nil: there is none
	book atomic.Pointer[tenants.Book]
}

// openTenancy reads o.Tenants, if there is one.
func openTenancy(o *Options) (*tenancy, error) {
	t := &tenancy{}
	if o.Tenants == "" {
		if _, err := front.NewPolicy("", o.AllowHosts); err != nil {
			return nil, err
		}
		t.book.Store(tenants.Single(o.AllowHosts))
		return t, nil
	}
	file, err := tenants.Open(o.Log, o.Tenants)
	switch wrong := yamlfile.Mistakes(nil); {
	case errors.As(err, &wrong):
		return nil, fmt.Errorf("the tenants that --tenants declares:\n%w", err)
	case err != nil:
		return nil, fmt.Errorf("--tenants: %w", err)
	}
	t.file = file
	t.book.Store(file.Now())
	return t, nil
}

// filed tells whether there is a file.
func (t *tenancy) filed() bool { return t.file != nil }

// now are the tenants as they are now.
func (t *tenancy) now() *tenants.Book { return t.book.Load() }

// checkMounts says which of mounts is of a tenant that is not there.
func (t *tenancy) checkMounts(mounts map[string]Mount) error {
	for _, m := range mounts {
		switch {
		case m.Tenant == "":
		case !t.filed():
			return fmt.Errorf("mount %s is of the tenant %q, and there is no file of tenants: name one with Options.Tenants", m.Path, m.Tenant)
		case t.now().Tenant(m.Tenant) == nil:
			return fmt.Errorf("mount %s is of the tenant %q, which is not in the file of tenants", m.Path, m.Tenant)
		}
	}
	return nil
}

// nothing is what may be done by who belongs to a tenant that is not there any more.
var nothing = &hub.Rules{}

// rules are what p may do on a hub. A server without a file has the same rules for
// everybody, whatever tenants its program's log-in knows.
func (t *tenancy) rules(p hub.Principal, hubName string) *hub.Rules {
	book := t.now()
	tenant := book.Tenant(p.Tenant)
	if tenant == nil && !t.filed() {
		tenant = book.Only()
	}
	if tenant == nil {
		return nothing
	}
	return tenant.Rules(p, hubName)
}

// of is whose page r asks for.
func (t *tenancy) of(r *http.Request) page.Whose { return page.Of(t.now(), r) }

// lineToAllow is what would let site show the page: the flag, or the line of the
// file. It is empty if nobody knows whose page it is.
func (t *tenancy) lineToAllow(of page.Whose, site string) string {
	if !t.filed() {
		return "--allow-host " + site
	}
	return of.LineToAllow(site)
}

// policy is who may reach the hubs of a server at the public origin own: pages of
// all tenants.
func (t *tenancy) policy(own string) (*front.Policy, error) {
	return front.NewPolicy(own, t.now().Hosts())
}
