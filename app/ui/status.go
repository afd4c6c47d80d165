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
// is starting. Of one that the server refuses it says why and what helps, with a
// button where the reader can do it here. It is a live region: a change is read
// out once.
type Status struct {
	app.Compo

	Lang    Lang
	Clients []*client.Client

	watches watches
}

// OnMount begins to watch the connections.
func (s *Status) OnMount(ctx app.Context) { s.watches.watch(ctx, s.Clients) }

// OnUpdate watches connections that have come.
func (s *Status) OnUpdate(ctx app.Context) { s.watches.watch(ctx, s.Clients) }

// OnDismount ends the watch.
func (s *Status) OnDismount() { s.watches.end() }

// Render draws the state.
func (s *Status) Render() app.UI {
	var states []client.State
	for _, c := range s.Clients {
		states = append(states, c.State())
	}
	class, words, way, helps := "starting", s.Lang.Texts().Starting, "", wait
	if state, ok := worst(states); ok {
		class, words = s.Lang.state(state)
		way, helps = s.Lang.way(state), remedyFor(state)
	}
	return app.Div().Class("status-box", "status-"+class).Body(
		app.P().Class("status").Role("status").Body(
			app.Span().Class("status-sign"),
			app.Span().Class("status-words").Body(
				app.Text(words),
				app.If(way != "", func() app.UI { return app.Span().Class("status-way").Text(" " + way) }),
			),
		),
		app.If(helps == tryNow, func() app.UI {
			return app.Button().Class("button-small").Type("button").OnClick(s.onTryNow).Text(s.Lang.Texts().TryNow)
		}).ElseIf(helps == loadAgain, func() app.UI {
			return app.Button().Class("button-small").Type("button").OnClick(s.onLoadAgain).Text(s.Lang.Texts().LoadAgain)
		}),
	)
}

func (s *Status) onTryNow(app.Context, app.Event) {
	for _, c := range s.Clients {
		c.Again()
	}
}

func (s *Status) onLoadAgain(app.Context, app.Event) { app.Window().Get("location").Call("reload") }

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
	if r, ok := refusal(s.Err); ok && s.Phase != client.Connected {
		if words := l.refused(r.Code); words != "" {
			return "refused", words
		}
	}
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
