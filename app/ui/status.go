package ui

import (
	"errors"
	"fmt"
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	client "partline.dev/wasmclient"
)

// Status says in words how a part's connections are: the worst of them, and
// while all work, over which transport it is. Without any it says that the part
// is starting. It is a live region: a change is read out once.
type Status struct {
	app.Compo

	Lang    Lang
	Clients []*client.Client

	watched []*client.Client
	stops   []func()
}

// OnMount begins to watch the connections.
func (s *Status) OnMount(ctx app.Context) { s.watch(ctx) }

// OnUpdate watches connections that have come.
func (s *Status) OnUpdate(ctx app.Context) { s.watch(ctx) }

// OnDismount ends the watch.
func (s *Status) OnDismount() {
	for _, stop := range s.stops {
		stop()
	}
	s.stops, s.watched = nil, nil
}

func (s *Status) watch(ctx app.Context) {
	for _, c := range s.Clients {
		if slices.Contains(s.watched, c) {
			continue
		}
		s.watched = append(s.watched, c)
		s.stops = append(s.stops, c.Watch(func(client.State) { ctx.Update() }))
	}
}

// Render draws the state.
func (s *Status) Render() app.UI {
	var states []client.State
	for _, c := range s.Clients {
		states = append(states, c.State())
	}
	state, ok := worst(states)
	if !ok {
		return statusLine("starting", s.Lang.Texts().Starting, "")
	}
	class, words := s.Lang.state(state)
	return statusLine(class, words, s.Lang.way(state))
}

func statusLine(class, words, way string) app.UI {
	return app.P().Class("status", "status-"+class).Role("status").Body(
		app.Span().Class("status-sign"),
		app.Span().Class("status-words").Body(
			app.Text(words),
			app.If(way != "", func() app.UI { return app.Span().Class("status-way").Text(" " + way) }),
		),
	)
}

// worst is the state of the connection that works least, and of those that work
// as well the one over the later transport; ok is false if there is none.
func worst(states []client.State) (worst client.State, ok bool) {
	badness := []client.Phase{client.Connected, client.Connecting, client.Reconnecting, client.Disconnected}
	for _, s := range states {
		is, was := slices.Index(badness, s.Phase), slices.Index(badness, worst.Phase)
		if !ok || is > was || is == was && s.Transport > worst.Transport {
			worst, ok = s, true
		}
	}
	return worst, ok
}

// state is the name that the style sheet has for a state, and the state in
// words.
func (l Lang) state(s client.State) (class, words string) {
	t := l.Texts()
	switch s.Phase {
	case client.Connected:
		return "connected", t.Connected
	case client.Connecting:
		return "connecting", t.Connecting
	case client.Reconnecting:
		return "reconnecting", t.Reconnecting
	default:
		if refused, ok := errors.AsType[*client.Error](s.Err); ok {
			return "disconnected", fmt.Sprintf(t.DisconnectedF, refused.Message)
		}
		return "disconnected", t.Disconnected
	}
}

// way is over which transport a connection is, in words; empty: there is none.
func (l Lang) way(s client.State) string {
	t := l.Texts()
	switch s.Transport {
	case client.WebSockets:
		return t.OverWebSockets
	case client.ServerSentEvents:
		return t.OverEvents
	case client.LongPolling:
		return t.OverPolling
	}
	return ""
}
