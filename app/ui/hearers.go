package ui

import (
	"context"
	"fmt"
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// Hearers says in words who hears what is sent from here, and is heard here. Where
// there is a choice one may choose others, by the keyboard too: what was chosen last
// is entered, and a choice that is refused goes back, with the reason under it. A
// change is read out once.
type Hearers struct {
	app.Compo

	Lang Lang
	ID   string // of the box; empty means "hearers"; unique on the page

	// Scope is in which scope the part is, or asks to be before it is connected.
	// Empty: it is not known yet.
	Scope contract.Scope

	// Asked is the scope that the part was to be in. Another than Scope, while
	// Access says who one is and where: it was not granted.
	Asked contract.Scope

	// Place is the name of the place that the part is for, unless Access names
	// another. Without one the scope of a place is not offered.
	Place string

	// Access is what the server says of it; the zero value is nothing yet.
	Access access.Access

	// Choose enters a scope. It is called beside the UI goroutine and may block;
	// ctx ends when the component leaves the page.
	Choose func(ctx context.Context, s contract.Scope) error

	ctx    app.Context // the component's own: the box may go while its choice is entered
	action action
	last   contract.Scope // the last that was shown
	chosen contract.Scope // the last that a person chose, until it is entered
	said   string         // what is read out
}

// OnPreRender runs on the server in place of OnMount.
func (h *Hearers) OnPreRender(ctx app.Context) { h.ctx = ctx }

// OnMount runs in the browser.
func (h *Hearers) OnMount(ctx app.Context) { h.ctx = ctx }

// OnInit takes what is there as no news.
func (h *Hearers) OnInit() { h.last = h.Scope }

// OnUpdate says aloud what has changed.
func (h *Hearers) OnUpdate(ctx app.Context) {
	if h.Scope != h.last && h.Scope != "" {
		h.said = fmt.Sprintf(h.Lang.Texts().HeardNowF, h.described(h.Scope))
		h.last = h.Scope
	}
	ctx.Defer(func(app.Context) { h.show() })
}

// OnDismount gives up what is being entered.
func (h *Hearers) OnDismount() { h.action.stop() }

// Render draws the box, or the words alone where there is no choice.
func (h *Hearers) Render() app.UI {
	t := h.Lang.Texts()
	return app.Div().Class("hearers").Body(
		app.Div().Class("hearers-row").Body(
			app.If(h.choice(), func() app.UI {
				return app.Label().Class("hearers-label").For("%s", h.id()).Text(t.HeardBy)
			}).Else(func() app.UI {
				return app.Span().Class("hearers-label").Text(t.HeardBy)
			}),
			app.If(h.choice(), h.box).Else(func() app.UI {
				return app.Span().Class("hearers-words").Text(h.described(h.Scope))
			}),
		),
		app.P().Class("hearers-note").Text(h.note()),
		app.P().Class("spoken").Role("status").Text(h.said),
		h.action.alert(h.id()),
	)
}

// box is the native one: every device has its own way to choose from it.
func (h *Hearers) box() app.UI {
	var options []app.UI
	for _, s := range h.offered() {
		option := app.Elem("option").Attr("value", string(s)).Text(h.described(s))
		if s == h.Scope || app.IsClient {
			option = option.Attr("selected", s == h.Scope)
		}
		options = append(options, option)
	}
	box := app.Elem("select").
		Class("hearers-box").
		ID("%s", h.id()).
		On("change", h.onChange).
		Body(options...)
	if app.IsServer {
		box = box.Attr("disabled", true)
	}
	if h.action.problem != "" {
		box = box.Aria("describedby", problemID(h.id()))
	}
	return box
}

// choice tells whether there is one.
func (h *Hearers) choice() bool {
	offered := h.offered()
	return h.Choose != nil && len(offered) > 1 && slices.Contains(offered, h.Scope)
}

// offered are the scopes that can be chosen.
func (h *Hearers) offered() []contract.Scope {
	return slices.DeleteFunc(slices.Clone(h.Access.Scopes), func(s contract.Scope) bool {
		return s == contract.ScopePlace && s != h.Scope && h.place() == ""
	})
}

// place is the name of the place as it is shown.
func (h *Hearers) place() string { return access.ForeignName(or(h.Access.Place, h.Place)) }

// OnlyListens says in the reader's language why a part cannot write where it is; empty:
// it can, or nobody has said otherwise.
func (l Lang) OnlyListens(a access.Access) string {
	if a.Scope == "" || slices.Contains(a.Speaks, a.Scope) {
		return ""
	}
	return l.Texts().OnlyListen
}

// note is what has to be said beside who hears.
func (h *Hearers) note() string {
	if len(h.Access.Scopes) == 0 || h.Asked == "" || h.Asked == h.Scope || h.action.busy {
		return ""
	}
	return fmt.Sprintf(h.Lang.Texts().NotHeardAskedF, h.words(h.Asked))
}

// described says who is in a scope, and whether one may only listen there.
func (h *Hearers) described(s contract.Scope) string {
	if slices.Contains(h.Access.Scopes, s) && !slices.Contains(h.Access.Speaks, s) {
		return fmt.Sprintf(h.Lang.Texts().OnlyListenF, h.words(s))
	}
	return h.words(s)
}

// words say who is in a scope. The name of a place, which may be anybody's word, is
// isolated, and has nothing in it that could end that.
func (h *Hearers) words(s contract.Scope) string {
	t := h.Lang.Texts()
	switch s {
	case contract.ScopePage:
		return t.HeardByPage
	case contract.ScopeSession:
		return t.HeardBySession
	case contract.ScopeUser:
		return t.HeardByUser
	case contract.ScopePlace:
		if place := h.place(); place != "" {
			return fmt.Sprintf(t.HeardByPlaceF, "\u2068"+place+"\u2069")
		}
		return t.HeardByPlace
	case contract.ScopeTenant:
		return t.HeardByTenant
	case contract.ScopeWorld:
		return t.HeardByWorld
	}
	return "…"
}

func (h *Hearers) onChange(app.Context, app.Event) {
	h.choose(contract.Scope(h.JSValue().Call("querySelector", "select").Get("value").String()))
}

// choose enters s. Arrow keys choose every scope that they pass: while one is being
// entered, the last of them is remembered.
func (h *Hearers) choose(s contract.Scope) {
	if h.Choose == nil {
		return
	}
	enter := h.Choose
	h.chosen = s
	h.action.start(h.ctx,
		func(ctx context.Context) error { return enter(ctx, s) },
		func(_ app.Context, err error) {
			h.action.problem = h.Lang.Reason(err)
			if next := h.chosen; next != s {
				h.choose(next)
				return
			}
			h.chosen = ""
			h.show()
		})
}

// show makes the browser's choice what Scope says: the browser sets it by itself, and
// go-app sees no change to write.
func (h *Hearers) show() {
	if h.chosen != "" {
		return
	}
	if box := h.JSValue().Call("querySelector", "select"); box.Truthy() {
		box.Set("value", string(h.Scope))
	}
}

func (h *Hearers) id() string { return or(h.ID, "hearers") }
