package ui

import (
	"context"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// defaultMaxText keeps a message well under the hub's limit of 32 KiB, whatever
// its characters become in JSON.
const defaultMaxText = 4000

// Composer is a labelled box and a button that sends. Enter sends as the button does;
// a text of white space alone is not sent. After a success the box is empty and
// keeps the focus; after a failure the text stays and the reason is shown. Where
// nothing can be sent it says why, and keeps the text.
//
// While a text is on its way a second one is not sent, and what is typed
// meanwhile stays.
type Composer struct {
	app.Compo

	Lang   Lang
	ID     string // of the box; empty means "message"; unique on the page
	Label  string // what the box is called; empty means "Message"
	Hint   string // what stands in the empty box; empty means "Write a message"
	Button string // what stands on the button; empty means "Send"
	Max    int    // the longest text in UTF-16 units; zero means 4,000
	Focus  bool   // take the focus at the start: only for the top page
	Closed string // why nothing can be sent, in words; empty: it can

	// Send does the sending. It is called beside the UI goroutine and may
	// block; ctx ends when the box leaves the page.
	Send func(ctx context.Context, text string) error

	action action
}

// OnMount takes the focus if it may.
func (c *Composer) OnMount(ctx app.Context) {
	if c.Focus {
		ctx.Defer(func(app.Context) { c.box().Call("focus") })
	}
}

// OnDismount gives up a text on its way.
func (c *Composer) OnDismount() { c.action.stop() }

// Render draws the box. In the page that the server sends it cannot be used
// yet: go-app replaces that page's elements by its own, and what was typed
// would be lost.
func (c *Composer) Render() app.UI {
	t := c.Lang.Texts()
	box := app.Input().
		Class("composer-box").
		ID("%s", c.id()).
		Type("text").
		Dir("auto").
		MaxLength(c.max()).
		Placeholder("%s", or(c.Hint, t.Hint)).
		Attr("autocomplete", "off").
		Attr("enterkeyhint", "send").
		Disabled(app.IsServer || c.Closed != "").
		OnKeyDown(c.onKey)
	switch {
	case c.Closed != "":
		box = box.Aria("describedby", c.id()+"-closed")
	case c.action.problem != "":
		box = box.Aria("invalid", "true").Aria("describedby", problemID(c.id()))
	}
	send := app.Button().
		Class("composer-send button-primary").
		ID("%s-send", c.id()).
		Type("button").
		Disabled(app.IsServer || c.Closed != "").
		OnClick(c.onSend).
		Text(or(c.Button, t.Send))
	if c.action.busy {
		// Not disabled: the keyboard would lose its place.
		send = send.Aria("disabled", "true")
	}
	return app.Div().Class("composer").Body(
		app.Label().Class("composer-label").For("%s", c.id()).Text(or(c.Label, t.Message)),
		app.Div().Class("composer-row").Body(box, send),
		app.P().Class("composer-closed").ID("%s-closed", c.id()).Text(c.Closed),
		c.action.alert(c.id()),
	)
}

func (c *Composer) onKey(ctx app.Context, e app.Event) {
	// Enter that ends the writing of a word in Chinese, Japanese or Korean is
	// not meant for the box.
	if e.Get("key").String() != "Enter" || e.Get("isComposing").Truthy() {
		ctx.PreventUpdate()
		return
	}
	e.PreventDefault()
	c.onSend(ctx, e)
}

func (c *Composer) onSend(ctx app.Context, _ app.Event) {
	box := c.box()
	c.submit(ctx, box.Get("value").String())
	box.Call("focus")
}

// submit sends text unless there is nothing to send.
func (c *Composer) submit(ctx app.Context, text string) {
	if c.Send == nil || c.Closed != "" || strings.TrimSpace(text) == "" {
		return
	}
	send := c.Send
	c.action.start(ctx,
		func(ctx context.Context) error { return send(ctx, text) },
		func(_ app.Context, err error) { c.sent(text, err) })
}

// sent takes the outcome.
func (c *Composer) sent(text string, err error) {
	if err != nil {
		c.action.problem = c.Lang.Reason(err) + " " + c.Lang.Texts().TextKept
		return
	}
	c.action.problem = ""
	// What was typed behind the text while it was on its way stays.
	box := c.box()
	box.Set("value", rest(box.Get("value").String(), text))
}

// rest is what remains in a box that holds now, once sent has gone from it.
func rest(now, sent string) string {
	after, ok := strings.CutPrefix(now, sent)
	if !ok {
		return now
	}
	return after
}

func (c *Composer) id() string { return or(c.ID, "message") }

func (c *Composer) max() int {
	if c.Max == 0 {
		return defaultMaxText
	}
	return c.Max
}

// box is the input element. It is looked up and not kept, because its value is
// the browser's and not the component's: go-app cannot set a value back to
// empty.
func (c *Composer) box() app.Value { return c.JSValue().Call("querySelector", "input") }

// or is text, or other if text is empty.
func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
