// Package listpart is the browser's half of the list: the page that shows it.
package listpart

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/app/part"
	"partline.dev/app/ui"
	"partline.dev/examples/list"
	client "partline.dev/wasmclient"
)

// Part is the page at /parts/list.
var Part = part.Part{Name: "list", Title: "Shopping list", New: newView}

type view struct {
	app.Compo
	page  *part.Page
	hub   *client.Client
	items []list.Item
}

func newView(p *part.Page) app.Composer { return &view{page: p} }

// OnMount connects to the hub, which then says what is on the list, and says so
// again after every change.
func (v *view) OnMount(ctx app.Context) {
	v.hub = v.page.Connect(ctx, list.Hub)
	client.On(v.hub, list.Changed, func(now list.Items) { v.items = now.All })
}

// Render draws a box to tick for each item, and a box to write the next into.
func (v *view) Render() app.UI {
	return app.Div().Body(
		ui.List(len(v.items), func(i int) app.UI {
			item := v.items[i]
			return &ui.Check{Lang: v.page.Lang, Label: item.Name, On: item.Done,
				Set: func(ctx context.Context, done bool) error { return v.put(ctx, item.Name, done) }}
		}),
		&ui.Composer{Lang: v.page.Lang, Label: "What we need", Hint: "Milk",
			Send: func(ctx context.Context, name string) error { return v.put(ctx, name, false) }},
	)
}

// put asks the hub for a change. If it fails, the box says why.
func (v *view) put(ctx context.Context, name string, done bool) error {
	_, err := client.Call(ctx, v.hub, list.Put, list.Item{Name: name, Done: done})
	return err
}
