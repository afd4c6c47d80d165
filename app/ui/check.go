package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// Check is a box that is ticked or not. It shows what On says: a tick that
// could not be set goes back, with the reason under it.
type Check struct {
	app.Compo

	Lang  Lang
	ID    string // unique on the page; empty means one made from Label
	Label string // what stands beside it
	On    bool

	// Set is called with what the box shall be. It is called beside the UI
	// goroutine and may block; ctx ends when the box leaves the page.
	Set func(ctx context.Context, on bool) error

	action action
}

// OnDismount gives up what is being set.
func (c *Check) OnDismount() { c.action.stop() }

// Render draws the box.
func (c *Check) Render() app.UI {
	box := app.Input().
		ID("%s", c.id()).
		Type("checkbox").
		OnChange(c.onChange)
	// A server's page has no attribute for "not ticked" or "can be used".
	if c.On || app.IsClient {
		box = box.Checked(c.On)
	}
	if app.IsServer {
		box = box.Disabled(true)
	}
	if c.action.problem != "" {
		box = box.Aria("describedby", problemID(c.id()))
	}
	return app.Div().Class("check").Body(
		app.Label().For("%s", c.id()).Body(box, app.Span().Dir("auto").Text(c.Label)),
		c.action.alert(c.id()),
	)
}

func (c *Check) onChange(ctx app.Context, _ app.Event) {
	if c.Set == nil {
		return
	}
	on, set := c.box().Get("checked").Truthy(), c.Set
	started := c.action.start(ctx,
		func(ctx context.Context) error { return set(ctx, on) },
		func(_ app.Context, err error) {
			c.action.problem = c.Lang.Reason(err)
			c.show()
		})
	if !started {
		c.show()
	}
}

// show makes the browser's tick what On says: the browser sets it by itself,
// and go-app sees no change to write.
func (c *Check) show() { c.box().Set("checked", c.On) }

func (c *Check) box() app.Value { return c.JSValue().Call("querySelector", "input") }

func (c *Check) id() string { return idOf(c.ID, c.Label) }
