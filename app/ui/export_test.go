package ui

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/shared/contract"
	client "partline.dev/wasmclient"
)

// Outside a browser no event comes and no element has a value, so tests begin
// one step further in.

// Submit is what the Send button does with the text in the box.
func (c *Composer) Submit(ctx app.Context, text string) { c.submit(ctx, text) }

// Press is a press of the button.
func (b *Button) Press(ctx app.Context) { b.onClick(ctx, app.Event{}) }

// Toggle is a change of the tick by a person.
func (c *Check) Toggle(ctx app.Context) { c.onChange(ctx, app.Event{Value: app.Null()}) }

// Behind makes the log one whose reader has scrolled away from its end.
func (l *Log) Behind() { l.behind = true }

// Rest is what a box keeps once a text has been sent.
func Rest(now, sent string) string { return rest(now, sent) }

// Shown is how a text is shown in a log.
func Shown(text string) string { return shown(text) }

// Enter is the choice of a scope by a person.
func (h *Hearers) Enter(s contract.Scope) { h.choose(s) }

// Open is a press of the button that shows the box for a name.
func (n *Nickname) Open() { n.onOpen(app.Context{}, app.Event{}) }

// Use is what the button beside the box does with what is typed there.
func (n *Nickname) Use(typed string) { n.use(typed) }

// FaceLoads is a picture that comes.
func FaceLoads(f app.Composer) { f.(*face).onLoad(app.Context{}, app.Event{}) }

// Face is the picture of a user.
func Face(name, icon string) app.Composer { return &face{Name: name, Icon: icon, Title: "signed in"} }

// Helps is the button that a state has: nothing, or what stands on it.
func (l Lang) Helps(s client.State) string {
	return map[remedy]string{tryNow: l.Texts().TryNow, loadAgain: l.Texts().LoadAgain}[remedyFor(s)]
}

// StateWords is how a state is shown.
func (l Lang) StateWords(s client.State) (class, words string) { return l.state(s) }

// Way is over which transport a connection is, in words.
func (l Lang) Way(s client.State) string { return l.way(s) }

// Worst picks the state that a status line shows.
func Worst(states ...client.State) (client.State, bool) { return worst(states) }
