// Package part is how a part is written: one go-app component, a name, a title
// and the properties that the host page may set.
//
//	var Part = part.Part{Name: "list", Title: "Shopping list", New: newView}
//
//	func newView(p *part.Page) app.Composer { return &view{page: p} }
//
//	func (v *view) OnMount(ctx app.Context) {
//		v.hub = v.page.Connect(ctx, list.Hub)
//		client.On(v.hub, list.Changed, func(c list.Items) { v.items = c.Items })
//	}
//
// The program compiled to WebAssembly is one line, [Main](Part), and the server
// is given the same Part to list and to pre-render. Around the component the
// page draws the title, the state of the connection and, in a frame, a link that
// opens the part as an app. One page is one part: its links are ordinary links.
//
// A part is heard by the parts of the same page, and hears those: it connects in the
// scope page unless its address says another (the property scope), or the reader
// chooses one ([Page.SetScope]). A hub's handler that publishes to x.Scope() means
// them; x.All() and groups are not bounded by it. Where the scope is refused the part
// is in the narrowest that is not, and [Page.Scope] differs from [Page.AskedScope].
//
// Concurrency: a [Page] and what a component does belong on go-app's UI
// goroutine, handlers of events included; who hears the page, and its name, may be
// asked and changed from anywhere. Calls to the hub block, so they belong
// beside it: in the functions handed to the components of package ui, or in
// ctx.Async. A [Part] never changes and may be used from anywhere.
package part

import (
	"fmt"
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/app/address"
)

// MaxName is the longest name of a part or property, in bytes.
const MaxName = address.MaxName

// Part is one iframe page.
type Part struct {
	// Name is the last piece of the part's address, /parts/{name}: lower-case
	// letters, digits and single hyphens between them.
	Name string

	// Title is what people call the part: heading, window and list say it.
	Title string

	// Text says in a sentence what the part is for. It may be empty.
	Text string

	// Properties are what the host page may set in the part's address.
	Properties []Property

	// New makes the component for a page. It is called once for each page in
	// the browser, and on the server for each page that is pre-rendered.
	New func(*Page) app.Composer
}

// Path is the part's address on its server.
func (p Part) Path() string { return "/parts/" + p.Name }

// Property is a text that the host page may set, as in /parts/one?name=Left.
type Property struct {
	Name    string // lower-case letters, digits and single hyphens between them
	Title   string // what people call it
	Default string // its value when the address does not say
	Max     int    // the longest value in bytes, longer ones are cut; zero means 255
}

const defaultMaxValue = 255

func (p Property) max() int {
	if p.Max == 0 {
		return defaultMaxValue
	}
	return p.Max
}

// Check reports what is wrong with parts that shall be served together: a name,
// title or property that cannot be one, or a name twice.
func Check(parts ...Part) error {
	for i, p := range parts {
		if err := p.check(); err != nil {
			return fmt.Errorf("part %w", err)
		}
		if slices.ContainsFunc(parts[:i], func(o Part) bool { return o.Name == p.Name }) {
			return fmt.Errorf("part %q is there twice", p.Name)
		}
	}
	return nil
}

// Main is the program of the parts: it shows the one that the page's address
// names. It does not return in a browser, and does nothing anywhere else. It
// panics if [Check] objects.
func Main(parts ...Part) {
	if err := Check(parts...); err != nil {
		panic(err)
	}
	for _, p := range parts {
		app.Route(p.Path(), func() app.Composer { return &root{part: p} })
	}
	app.RunWhenOnBrowser()
}

func (p Part) check() error {
	if !address.ValidName(p.Name) {
		return fmt.Errorf("the name %q is not 1 to %d lower-case letters, digits and single hyphens between them", p.Name, MaxName)
	}
	if strings.TrimSpace(p.Title) == "" {
		return fmt.Errorf("%q has no title", p.Name)
	}
	if p.New == nil {
		return fmt.Errorf("%q has no New function", p.Name)
	}
	for i, property := range p.Properties {
		if !address.ValidName(property.Name) {
			return fmt.Errorf("%q: the property name %q is not 1 to %d lower-case letters, digits and single hyphens between them", p.Name, property.Name, MaxName)
		}
		if slices.Contains(address.Properties, property.Name) {
			return fmt.Errorf("%q: the property %q belongs to every part", p.Name, property.Name)
		}
		if slices.ContainsFunc(p.Properties[:i], func(o Property) bool { return o.Name == property.Name }) {
			return fmt.Errorf("%q has the property %q twice", p.Name, property.Name)
		}
		if len(property.Default) > property.max() {
			return fmt.Errorf("%q: the default of %q is longer than its %d bytes", p.Name, property.Name, property.max())
		}
	}
	return nil
}
