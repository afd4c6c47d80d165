package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// Button does one thing when it is pressed, one at a time, and shows under
// itself why it failed.
type Button struct {
	app.Compo

	Lang  Lang
	ID    string // unique on the page; empty means one made from Label
	Label string // what stands on it

	// Do does the thing. It is called beside the UI goroutine and may block;
	// ctx ends when the button leaves the page.
	Do func(ctx context.Context) error

	action action
}

// OnDismount gives up what is being done.
func (b *Button) OnDismount() { b.action.stop() }

// Render draws the button.
func (b *Button) Render() app.UI {
	button := app.Button().
		ID("%s", b.id()).
		Type("button").
		Disabled(app.IsServer).
		OnClick(b.onClick).
		Text(b.Label)
	if b.action.busy {
		button = button.Aria("disabled", "true")
	}
	if b.action.problem != "" {
		button = button.Aria("describedby", problemID(b.id()))
	}
	return app.Div().Class("button").Body(button, b.action.alert(b.id()))
}

func (b *Button) onClick(ctx app.Context, _ app.Event) {
	if b.Do == nil {
		return
	}
	b.action.start(ctx, b.Do, func(_ app.Context, err error) {
		b.action.problem = b.Lang.Reason(err)
	})
}

func (b *Button) id() string { return idOf(b.ID, b.Label) }
