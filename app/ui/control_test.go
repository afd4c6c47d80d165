package ui_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/app/ui"
	client "partline.dev/wasmclient"
)

func count(page, piece string) int { return strings.Count(page, piece) }

func TestButton_doesAndSaysWhyNot(t *testing.T) {
	var fail error
	done := 0
	b := &ui.Button{ID: "clear", Label: "Clear <all>", Do: func(context.Context) error {
		done++
		return fail
	}}
	s := show(t, b)
	s.has(t, "Clear &lt;all&gt;", `type="button"`, `id="clear"`, `role="alert"`)
	fail = client.ErrNotConnected
	b.Press(s.ctx)
	s.settle()
	s.has(t, "there is no connection to the hub", `aria-describedby="clear-problem"`)
	fail = nil
	b.Press(s.ctx)
	s.settle()
	s.hasNot(t, "there is no connection", "aria-describedby")
	if done != 2 {
		t.Errorf("it was done %d times", done)
	}
}

func TestButton_withoutDoDoesNothing(t *testing.T) {
	b := &ui.Button{ID: "idle", Label: "Idle"}
	s := show(t, b)
	b.Press(s.ctx)
	s.settle()
}

func TestCheck_showsWhatItIsTold(t *testing.T) {
	on1, off := show(t, &ui.Check{ID: "a", Label: "Milk", On: true}), show(t, &ui.Check{ID: "a", Label: "Milk"})
	on1.has(t, " checked", `for="a"`, "Milk", `dir="auto"`)
	off.hasNot(t, "checked")
}

func TestCheck_saysWhyItCouldNotBeSet(t *testing.T) {
	c := &ui.Check{ID: "a", Label: "Milk", Set: func(context.Context, bool) error { return errors.New("x") }}
	s := show(t, c)
	c.Toggle(s.ctx)
	s.settle()
	s.has(t, "That did not work.", `aria-describedby="a-problem"`)
}

func TestControls_giveUpWhenTheyLeaveThePage(t *testing.T) {
	ended := make(chan struct{})
	wait := func(ctx context.Context) error {
		<-ctx.Done()
		ended <- struct{}{}
		return ctx.Err()
	}
	b := &ui.Button{ID: "b", Do: wait}
	c := &ui.Check{ID: "c", Set: func(ctx context.Context, _ bool) error { return wait(ctx) }}
	s := on(t, func() app.UI { return app.Div().Body(b, c) })
	b.Press(s.ctx)
	c.Toggle(s.ctx)
	b.OnDismount()
	<-ended
	c.OnDismount()
	<-ended
	s.settle()
}
