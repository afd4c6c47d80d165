package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/shared/access"
	client "partline.dev/wasmclient"
)

// Nickname says who the person is, and lets a guest say a name: when asked to, and
// by itself when the server wants one. It never takes the focus that somebody has
// elsewhere.
type Nickname struct {
	app.Compo

	Lang Lang
	ID   string // of the box; empty means "nickname"; unique on the page

	// You is who the person is as the server knows it; zero: nobody.
	You access.Person

	// Clients are connections that a server may refuse for want of a name.
	Clients []*client.Client

	// Set gives the person a name; empty takes the name back. It is called beside
	// the UI goroutine and may block; ctx ends when the component leaves the page.
	Set func(ctx context.Context, name string) error

	// ctx is the component's own: that of an event ends with the element that had it,
	// and the box and its buttons come and go.
	ctx     app.Context
	watches watches
	action  action
	open    bool   // the box is shown because the person wants it
	wanted  bool   // and because a server does
	said    string // what is read out
}

// OnPreRender runs on the server in place of OnMount.
func (n *Nickname) OnPreRender(ctx app.Context) { n.ctx = ctx }

// OnMount begins to watch the connections.
func (n *Nickname) OnMount(ctx app.Context) {
	n.ctx = ctx
	n.watches.watch(ctx, n.Clients)
}

// OnUpdate watches connections that have come.
func (n *Nickname) OnUpdate(ctx app.Context) { n.watches.watch(ctx, n.Clients) }

// OnDismount ends the watch, and gives up a name on its way.
func (n *Nickname) OnDismount() {
	n.watches.end()
	n.action.stop()
}

// Render draws the name, and the box if it is wanted.
func (n *Nickname) Render() app.UI {
	t := n.Lang.Texts()
	required := n.required()
	return app.Div().Class("nickname").Body(
		app.Div().Class("nickname-row").Body(
			app.P().Class("nickname-you").Body(n.you()...),
			app.If(n.Set != nil && n.You.ID == "" && !n.open && !required && n.helps(), func() app.UI {
				label := t.SayName
				if n.You.Name != "" {
					label = t.ChangeName
				}
				return app.Button().Class("nickname-change button-small").Type("button").Disabled(app.IsServer).OnClick(n.onOpen).Text(label)
			}),
		),
		app.Div().Body(
			app.If(n.Set != nil && n.You.ID == "" && (n.open || required), func() app.UI { return n.form(required) }),
		),
		app.P().Class("spoken").Role("status").Text(n.said),
		n.action.alert(n.id()),
	)
}

func (n *Nickname) form(required bool) app.UI {
	t := n.Lang.Texts()
	box := app.Input().
		Class("nickname-box").
		ID("%s", n.id()).
		Type("text").
		Dir("auto").
		MaxLength(maxNickname).
		Attr("autocomplete", "nickname").
		Attr("enterkeyhint", "done").
		Disabled(app.IsServer).
		OnKeyDown(n.onKey)
	if required {
		box = box.Aria("required", "true")
	}
	if n.action.problem != "" {
		box = box.Aria("invalid", "true").Aria("describedby", problemID(n.id()))
	}
	use := app.Button().Class("nickname-use").Type("button").Disabled(app.IsServer).OnClick(n.onUse).Text(t.UseName)
	if n.action.busy {
		use = use.Aria("disabled", "true") // not disabled: the keyboard would lose its place
	}
	return app.Div().Class("nickname-form").Body(
		app.Label().For("%s", n.id()).Text(t.YourName),
		app.Div().Class("nickname-fields").Body(
			box,
			use,
			app.If(!required, func() app.UI {
				return app.Button().Type("button").OnClick(n.onCancel).Text(t.Cancel)
			}),
		),
	)
}

// you says who the person is; nothing if nobody knows.
func (n *Nickname) you() []app.UI {
	if n.You.Name == "" {
		return nil
	}
	return append([]app.UI{app.Text(n.Lang.Texts().YouAre + " ")}, n.Lang.person(n.You)...)
}

// maxNickname is the longest name that can be typed, in UTF-16 units: no name that
// [access.CleanName] takes is longer.
const maxNickname = 255

// required tells whether a server wants a name: it has refused a connection for want
// of one, and what has failed since was no other. Who is typing keeps the box.
func (n *Nickname) required() bool {
	for _, c := range n.Clients {
		s := c.State()
		switch r, refused := refusal(s.Err); {
		case refused:
			n.wanted = r.Code == access.CodeName
		case s.Phase == client.Connected:
			n.wanted = false
		}
	}
	return n.wanted
}

// helps tells whether a name may be of use: not where the server refuses somebody
// for what no name mends.
func (n *Nickname) helps() bool {
	return !slices.ContainsFunc(n.Clients, func(c *client.Client) bool { return remedyFor(c.State()) == loadAgain })
}

func (n *Nickname) onOpen(app.Context, app.Event) {
	n.open, n.said = true, ""
	n.ctx.Defer(func(app.Context) {
		if box := n.box(); box.Truthy() {
			box.Set("value", n.You.Name)
			box.Call("select")
			box.Call("focus")
		}
	})
}

func (n *Nickname) onCancel(app.Context, app.Event) { n.close() }

// close goes back to the name. Who was in the form goes on from its button.
func (n *Nickname) close() {
	n.open, n.action.problem = false, ""
	inside := n.JSValue().Call("contains", app.Window().Get("document").Get("activeElement")).Truthy()
	n.ctx.Defer(func(app.Context) {
		if button := n.JSValue().Call("querySelector", ".nickname-change"); inside && button.Truthy() {
			button.Call("focus")
		}
	})
}

func (n *Nickname) onKey(ctx app.Context, e app.Event) {
	switch key := e.Get("key").String(); {
	case e.Get("isComposing").Truthy():
		ctx.PreventUpdate()
	case key == "Enter":
		e.PreventDefault()
		n.onUse(ctx, e)
	case key == "Escape" && n.open && !n.required():
		n.close()
	default:
		ctx.PreventUpdate()
	}
}

func (n *Nickname) onUse(app.Context, app.Event) { n.use(n.box().Get("value").String()) }

// use takes what was typed.
func (n *Nickname) use(typed string) {
	name := strings.TrimSpace(typed)
	if name != "" || n.required() {
		clean, err := access.CleanName(name)
		if err != nil {
			n.action.problem = n.Lang.Reason(err)
			return
		}
		name = clean
	}
	set := n.Set
	n.action.start(n.ctx,
		func(ctx context.Context) error { return set(ctx, name) },
		func(_ app.Context, err error) {
			if n.action.problem = n.Lang.Reason(err); err != nil {
				return
			}
			n.said = n.Lang.Texts().NoNameNow
			if name != "" {
				n.said = fmt.Sprintf(n.Lang.Texts().YouAreNowF, "\u2068"+name+"\u2069")
			}
			n.close()
		})
}

func (n *Nickname) box() app.Value { return n.JSValue().Call("querySelector", "input") }

func (n *Nickname) id() string { return or(n.ID, "nickname") }
