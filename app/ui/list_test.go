package ui_test

import (
	"context"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/app/ui"
)

// go-app knows children by their place. A box behind a list that grows must not
// become another box: it would lose the focus, its text and what it is sending.
func TestList_keepsThePlaceOfWhatIsBehindIt(t *testing.T) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	var ended error
	box := &ui.Composer{Send: func(ctx context.Context, _ string) error {
		close(begun)
		<-goOn
		ended = ctx.Err()
		return ended
	}}
	items := []string{"milk"}
	s := on(t, func() app.UI {
		return app.Div().Body(ui.List(len(items), func(i int) app.UI { return &ui.Check{Label: items[i]} }), box)
	})
	box.Submit(s.ctx, "eggs")
	<-begun
	items = append(items, "eggs", "bread")
	s.ctx.Dispatch(func(app.Context) { close(goOn) })
	s.redraw()
	if ended != nil {
		t.Errorf("the list grew, and what the box was sending ended with %v", ended)
	}
	if n := count(s.html(), "<li>"); n != len(items) {
		t.Errorf("%d of %d items are shown", n, len(items))
	}
	s.has(t, ">eggs<", ">bread<")
}
