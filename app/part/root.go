package part

import (
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/app/ui"
)

// root is what go-app shows for a part's address: the part's component and what
// every part has around it.
type root struct {
	app.Compo

	part    Part
	page    *Page
	content app.Composer
}

// HTML is what stands in the part's page before its program runs, in the
// language lang. Nothing of the page's address is in it but that.
//
// It is one div. go-app puts the part in its place.
func (p Part) HTML(lang ui.Lang) string {
	r := &root{part: p}
	r.show(&Page{Lang: lang, part: p})
	// go-app has two things that pre-render: an HTTP handler, which takes over
	// the page, its head and its routes, and this. It is made for tests of
	// components, and renders them as the handler does.
	engine := app.NewTestEngine()
	if err := engine.Load(r); err != nil {
		panic(err) // the component is neither mounted nor without a drawing
	}
	engine.ConsumeAll()
	return app.HTMLString(r)
}

// OnInit runs before the first drawing. In the browser all is known by then, so
// the part appears at once in place of what the server sent.
func (r *root) OnInit() {
	if app.IsServer {
		return
	}
	window := app.Window()
	page := newPage(r.part,
		window.URL().RawQuery,
		!window.Get("self").Equal(window.Get("top")),
		// The server chose it by the header Accept-Language.
		window.Get("document").Get("documentElement").Get("lang").String(),
	)
	page.open()
	r.show(page)
}

// OnMount runs in the browser.
func (r *root) OnMount(ctx app.Context) {
	ctx.Page().SetLang(string(r.page.Lang))
	// go-app answers every click on a link by showing another component in
	// this page. A part's page is that part, and its links are links.
	app.Window().Set("onclick", nil)
	r.page.audience.watch(ctx)
}

// OnDismount closes what the part has opened.
func (r *root) OnDismount() { r.page.leave() }

func (r *root) show(p *Page) {
	r.page = p
	r.content = r.part.New(p)
}

// Render draws the part.
func (r *root) Render() app.UI {
	t := r.page.Lang.Texts()
	part := app.Div()
	if r.page.audience != nil {
		// Which parts of a host page hear one another, for whoever looks.
		part = part.DataSet("page", r.page.audience.mark())
	}
	return part.
		Class("part").
		DataSet("part", r.part.Name).
		Lang("%s", string(r.page.Lang)).
		Dir("%s", r.page.Lang.Dir()).
		Body(
			app.Header().Class("part-head").Body(
				app.H1().Class("part-title").Text(r.part.Title),
				&ui.Status{Lang: r.page.Lang, Clients: slices.Clone(r.page.clients)},
				r.link(t),
			),
			app.NoScript().Body(app.P().Class("part-noscript").Text(t.NoScript)),
			app.Main().Class("part-main").Body(r.content),
		)
}

// link leads out of a frame into a window of its own, and there to the other
// parts. Nothing is known of either on the server.
func (r *root) link(t *ui.Texts) app.UI {
	link := app.A().Class("part-link")
	switch {
	case app.IsServer:
		return app.Span().Class("part-link")
	case r.page.Framed:
		address := app.Window().URL()
		address.RawQuery, address.Fragment = strings.TrimPrefix(withoutTicket("?"+address.RawQuery), "?"), ""
		return link.Class("part-link-out").
			Href(address.String()).
			Target("_blank").
			Rel("noopener").
			Text(t.OpenAsApp)
	default:
		return link.Class("part-link-all").Href(base() + "/").Text(t.AllParts)
	}
}
