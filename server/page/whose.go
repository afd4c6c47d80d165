package page

import (
	"net/http"
	"slices"
	"strings"

	"partline.dev/app/address"
	"partline.dev/server/tenants"
)

// Whose is whose page a request asks for.
type Whose struct {
	Tenant *tenants.Tenant // nil: nobody knows
	ByKey  bool            // the request knows its embed key
}

// Of is whose page r asks for: that of the embed key in its address, else of the only
// tenant that there is.
func Of(book *tenants.Book, r *http.Request) Whose {
	if key := address.Read(r.URL.RawQuery)[address.Key]; key != "" {
		if tenant := book.ByEmbedKey(key); tenant != nil {
			return Whose{tenant, true}
		}
	}
	return Whose{Tenant: book.Only()}
}

// Hosts are the sites that may show the page.
func (of Whose) Hosts() []string {
	if of.Tenant == nil {
		return nil
	}
	return of.Tenant.Hosts
}

// Icons are the sites of the pictures in the page.
func (of Whose) Icons() []string {
	if of.Tenant == nil {
		return nil
	}
	return of.Tenant.Icons
}

// Allows tells whether a page of site may show the page.
func (of Whose) Allows(site string) bool {
	return of.Tenant != nil && of.Tenant.AllowsOrigin(site)
}

// LineToAllow is the line of a file of tenants that would let site show the page. It
// is empty if nobody knows whose page it is.
func (of Whose) LineToAllow(site string) string {
	if of.Tenant == nil {
		return ""
	}
	hosts := append(slices.Clone(of.Tenant.Hosts), site)
	for i, host := range hosts {
		if strings.Contains(host, "[") {
			hosts[i] = `"` + host + `"` // in a list of YAML a bracket means something
		}
	}
	return "hosts: [" + strings.Join(hosts, ", ") + "]"
}
