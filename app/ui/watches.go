package ui

import (
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	client "partline.dev/wasmclient"
)

// watches draw a component anew whenever the state of a connection changes. The
// zero value watches none.
type watches struct {
	watched []*client.Client
	stops   []func()
}

// watch begins to watch those of clients that it does not watch yet.
func (w *watches) watch(ctx app.Context, clients []*client.Client) {
	for _, c := range clients {
		if slices.Contains(w.watched, c) {
			continue
		}
		w.watched = append(w.watched, c)
		w.stops = append(w.stops, c.Watch(func(client.State) { ctx.Update() }))
	}
}

// end ends the watch.
func (w *watches) end() {
	for _, stop := range w.stops {
		stop()
	}
	w.stops, w.watched = nil, nil
}
