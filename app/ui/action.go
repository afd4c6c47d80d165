package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// action is something a person asked for that takes time and may fail: one at a
// time, and given up when its component leaves the page. The zero value is
// ready.
type action struct {
	busy    bool
	problem string // the last failure in words, empty after a success
	cancel  context.CancelFunc
}

// start runs do beside the UI goroutine and then done on it. It reports false,
// and does nothing, while an earlier do is still running.
func (a *action) start(ctx app.Context, do func(context.Context) error, done func(app.Context, error)) bool {
	if a.busy {
		return false
	}
	callCtx, cancel := context.WithCancel(ctx)
	a.busy, a.cancel = true, cancel
	ctx.Async(func() {
		err := do(callCtx)
		ctx.Dispatch(func(ctx app.Context) {
			cancel()
			a.busy = false
			done(ctx, err)
		})
	})
	return true
}

// stop gives up what is running.
func (a *action) stop() {
	if a.cancel != nil {
		a.cancel()
	}
}

// problemID is the id of the element that says what went wrong with the
// control called id.
func problemID(id string) string { return id + "-problem" }

// alert is the element that says what went wrong with the control called id. It
// is there from the start and empty: a screen reader announces what is put into
// a live region, and may miss a region that appears together with its text.
func (a *action) alert(id string) app.UI {
	return app.P().Class("problem").ID("%s", problemID(id)).Role("alert").Text(a.problem)
}
