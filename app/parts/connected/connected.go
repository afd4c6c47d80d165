// Package connected is the part of the connected parts sample: what is typed in
// one is read in all, "name: message" in each line. It is there as two parts
// that differ only in title and name:
//
//	part.Main(connected.One, connected.Two)
package connected

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/app/part"
	"partline.dev/app/ui"
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
		Text:  "What you write here is read in every connected part.",
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
	client.On(v.hub, connected.BroadcastMessage, v.heard)
}

func (v *view) heard(b connected.Broadcast) { v.lines.Add(b.Name, b.Message) }

// Render draws the lines and the box.
func (v *view) Render() app.UI {
	return app.Div().Class("connected").Body(
		&ui.Log{Lang: v.page.Lang, Lines: v.lines},
		&ui.Composer{Lang: v.page.Lang, Focus: !v.page.Framed, Send: v.send},
	)
}

func (v *view) send(ctx context.Context, text string) error {
	_, err := client.Call(ctx, v.hub, connected.SendMethod, connected.Send{
		Name:    v.page.Property(propertyName),
		Message: text,
	})
	return err
}
