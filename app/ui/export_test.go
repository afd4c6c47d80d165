package ui

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

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

// StateWords is how a state is shown.
func (l Lang) StateWords(s client.State) (class, words string) { return l.state(s) }

// Way is over which transport a connection is, in words.
func (l Lang) Way(s client.State) string { return l.way(s) }

// Worst picks the state that a status line shows.
func Worst(states ...client.State) (client.State, bool) { return worst(states) }
