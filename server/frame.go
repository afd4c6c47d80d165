package server

import (
	"fmt"
	"html"
	"net/url"
	"strings"

	"partline.dev/app/address"
	"partline.dev/app/part"
)

// frame is what a page shows a part with.
type frame struct {
	site       string // where the parts are, without a slash at its end
	part       part.Part
	properties []property // those without a value are left out
	ticket     string     // empty: none
	width      int        // in CSS pixels, as height
	height     int
}

// What a frame measures of which nobody says more, in CSS pixels.
const (
	frameWidth  = 400
	frameHeight = 300
)

// property is one that a frame gives its part.
type property struct{ name, value string }

// html is the frame in HTML. The ticket stands after the #, which browsers send nobody.
func (f *frame) html() string {
	var query []string
	for _, p := range f.properties {
		if p.value != "" {
			query = append(query, p.name+"="+url.QueryEscape(p.value))
		}
	}
	at := f.site + f.part.Path()
	if len(query) > 0 {
		at += "?" + strings.Join(query, "&")
	}
	if f.ticket != "" {
		at += "#" + address.Ticket + "=" + url.QueryEscape(f.ticket)
	}
	return fmt.Sprintf(`<iframe src="%s" title="%s" loading="lazy" width="%d" height="%d"></iframe>`,
		html.EscapeString(at), html.EscapeString(f.part.Title), f.width, f.height)
}
