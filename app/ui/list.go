package ui

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// List is a list of n items that item draws, the first one is 0. It is one
// element: however long it gets, what stands behind it keeps its place, and with
// it its focus.
func List(n int, item func(i int) app.UI) app.UI {
	items := make([]app.UI, n)
	for i := range items {
		items[i] = app.Li().Body(item(i))
	}
	return app.Ul().Class("list").Body(items...)
}
