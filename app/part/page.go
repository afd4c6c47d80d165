package part

import (
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/app/address"
	"partline.dev/app/frame"
	"partline.dev/app/ui"
	client "partline.dev/wasmclient"
)

// Page is where a part is shown: one load of its address in one frame or
// window.
type Page struct {
	// Lang is the reader's language: what the address says, else what the
	// browser asked for.
	Lang ui.Lang

	// Framed reports whether another page shows the part. A framed part takes
	// no focus by itself. On the server it is false.
	Framed bool

	part       Part
	properties map[string]string
	audience   *audience // nil on the server, as are the next two

	frame       *frame.Page
	credentials *credentials

	clients []*client.Client
	close   []func()
}

// newPage is the page of part whose address has query, in the first language of
// languages that there is, unless the address says another.
func newPage(p Part, query string, framed bool, languages ...string) *Page {
	properties := address.Read(query)
	return &Page{
		Lang:       ui.MatchLang(slices.Concat([]string{properties[address.Lang]}, languages)...),
		Framed:     framed,
		part:       p,
		properties: properties,
		audience:   newAudience(properties),
	}
}

// open looks who else is on the host's page, and what the part was given to prove
// who it is.
func (p *Page) open() {
	location := app.Window().Get("location")
	p.credentials = readCredentials(location.Get("search").String(), location.Get("hash").String())
	p.frame = frame.Open()
	p.audience.open(p.frame)
}

// Property is the value of the part's property called name: what the address
// says, cut to what the property allows, else its default. On the server it is
// always the default, so nothing that a stranger wrote into an address stands in
// a page that the server sends. It panics if the part has no such property.
func (p *Page) Property(name string) string {
	i := slices.IndexFunc(p.part.Properties, func(o Property) bool { return o.Name == name })
	if i < 0 {
		panic("part: " + p.part.Name + " has no property " + name)
	}
	property := p.part.Properties[i]
	if value := cut(p.properties[name], property.max()); value != "" {
		return value
	}
	return property.Default
}
