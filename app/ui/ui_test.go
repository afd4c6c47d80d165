package ui_test

import (
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stage is a page with one component on it.
type stage struct {
	app.Compo

	draw func() app.UI

	engine app.TestEngine
	ctx    app.Context
}

// on shows what draw returns, and draws it again whenever something happens.
func on(t *testing.T, draw func() app.UI) *stage {
	t.Helper()
	s := &stage{draw: draw, engine: app.NewTestEngine()}
	if err := s.engine.Load(s); err != nil {
		t.Fatal(err)
	}
	s.settle()
	return s
}

// show is on for a component that does not change.
func show(t *testing.T, ui app.UI) *stage {
	t.Helper()
	return on(t, func() app.UI { return ui })
}

func (s *stage) OnPreRender(ctx app.Context) { s.ctx = ctx }
func (s *stage) Render() app.UI              { return app.Div().Body(s.draw()) }

// settle waits until everything that was begun has ended and is drawn.
func (s *stage) settle() { s.engine.ConsumeAll() }

// redraw draws everything again.
func (s *stage) redraw() {
	s.ctx.Update()
	s.settle()
}

func (s *stage) html() string { return app.HTMLString(s) }

// has and hasNot look for a piece of HTML.
func (s *stage) has(t *testing.T, pieces ...string) {
	t.Helper()
	for _, p := range pieces {
		if !strings.Contains(s.html(), p) {
			t.Errorf("the page has no %q:\n%s", p, s.html())
		}
	}
}

func (s *stage) hasNot(t *testing.T, pieces ...string) {
	t.Helper()
	for _, p := range pieces {
		if strings.Contains(s.html(), p) {
			t.Errorf("the page has %q:\n%s", p, s.html())
		}
	}
}
