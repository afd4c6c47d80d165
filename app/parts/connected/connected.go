// Package connected is the part of the connected parts sample: what is typed in
// one is read in all in scope, "name: message" in each line; by itself, in all on
// the page. It says who that is, and as whom one speaks, and lets one change both.
// It is there as two parts that differ only in title and name:
//
//	part.Main(connected.One, connected.Two)
package connected

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/app/part"
	"partline.dev/app/ui"
	"partline.dev/shared/access"
	"partline.dev/shared/connected"
	client "partline.dev/wasmclient"
)

// propertyName is the name under which a part speaks: the part's own label, set
// by the host page, and no identity.
const propertyName = "name"

// The two parts.
var (
	One = newPart("one", "Connected Part - One", "Part One")
	Two = newPart("two", "Connected Part - Two", "Part Two")
)

func newPart(name, title, speaksAs string) part.Part {
	return part.Part{
		Name:  name,
		Title: title,
		Text:  "What you write here is read in every connected part on the page, or wherever you choose.",
		Properties: []part.Property{{
			Name:    propertyName,
			Title:   "Display name",
			Default: speaksAs,
			Max:     64,
		}},
		New: func(p *part.Page) app.Composer { return &view{page: p} },
	}
}

// view is the part on one page.
type view struct {
	app.Compo

	page  *part.Page
	hub   *client.Client
	lines ui.Lines
}

// OnMount connects to the hub.
func (v *view) OnMount(ctx app.Context) {
	v.hub = v.page.Connect(ctx, connected.Hub)
	client.OnFrom(v.hub, connected.BroadcastMessage, v.heard)
}

func (v *view) heard(from access.Person, b connected.Broadcast) {
	v.lines.Add(ui.Line{From: from, Name: b.Name, Text: b.Message})
}

// Render draws the lines, who reads what is written and who writes it, and the box.
func (v *view) Render() app.UI {
	lang, may := v.page.Lang, v.page.Access()
	scope := v.page.Scope()
	if app.IsServer {
		scope = "" // what the address asks for is not known there
	}
	var hubs []*client.Client
	if v.hub != nil {
		hubs = append(hubs, v.hub)
	}
	return app.Div().Class("connected").Body(
		&ui.Log{Lang: lang, Lines: v.lines},
		app.Div().Class("audience").Body(
			&ui.Hearers{Lang: lang, Scope: scope, Asked: v.page.AskedScope(), Place: v.page.Place(), Access: may, Choose: v.page.SetScope},
			&ui.Nickname{Lang: lang, You: may.You, Clients: hubs, Set: v.page.SetNickname},
		),
		&ui.Composer{Lang: lang, Focus: !v.page.Framed, Closed: lang.OnlyListens(may), Send: v.send},
	)
}

func (v *view) send(ctx context.Context, text string) error {
	_, err := client.Call(ctx, v.hub, connected.SendMethod, connected.Send{
		Name:    v.page.Property(propertyName),
		Message: text,
	})
	return err
}
