package ui

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/shared/access"
)

// Log shows lines as they come, "name: text" each. It is a live region, read
// politely by screen readers, can be scrolled with the keyboard, and follows
// the newest line as long as the reader has not scrolled away from it; then a
// button leads back.
type Log struct {
	app.Compo

	Lang  Lang
	Label string // what the log is called; empty means "Messages"
	Lines Lines

	// behind says that a line came while the reader was elsewhere in the log.
	behind bool
}

// nearEnd is how far from the end, in CSS pixels, still counts as at the end:
// zoomed pages scroll to fractions.
const nearEnd = 24

// OnUpdate runs before new lines are drawn: it is the last moment to see
// whether the reader was at the end.
func (l *Log) OnUpdate(ctx app.Context) {
	if !l.atEnd() {
		l.behind = true
		return
	}
	ctx.Defer(func(app.Context) { l.scrollToEnd() })
}

// Render draws the log.
func (l *Log) Render() app.UI {
	t := l.Lang.Texts()
	label := l.Label
	if label == "" {
		label = t.Messages
	}
	return app.Div().Class("log").Body(
		app.Div().
			Class("log-lines").
			Role("log").
			Aria("live", "polite").
			Aria("label", label).
			TabIndex(0).
			OnScroll(l.onScroll).
			Body(l.Lines.chunks(l.Lang)...),
		app.If(l.Lines.Len() == 0, func() app.UI {
			return app.P().Class("log-empty").Text(t.NoMessages)
		}),
		app.If(l.behind, func() app.UI {
			return app.Button().Type("button").Class("log-newest").Text(t.Newest).OnClick(l.onNewest)
		}),
	)
}

// chunks are the lines as lists of MaxLines each. go-app compares children by
// their place. If the oldest line simply went, every line would be rewritten
// with the text of its neighbour, and a screen reader would read out all of
// them. So a line keeps its place for good, and one that has gone leaves an
// empty text node there, as does a list whose lines have all gone.
func (l Lines) chunks(lang Lang) []app.UI {
	end := l.dropped + len(l.kept)
	var chunks []app.UI
	for start := 0; start < end; start += MaxLines {
		if start+MaxLines <= l.dropped {
			chunks = append(chunks, app.Text(""))
			continue
		}
		var lines []app.UI
		for i := start; i < min(start+MaxLines, end); i++ {
			if i < l.dropped {
				lines = append(lines, app.Text(""))
				continue
			}
			lines = append(lines, &logLine{Lang: lang, Line: l.kept[i-l.dropped]})
		}
		chunks = append(chunks, app.Ul().Class("log-chunk").Body(lines...))
	}
	return chunks
}

// logLine is a component of its own so that a line that is already there is
// compared, not drawn again.
type logLine struct {
	app.Compo

	Lang Lang
	Line Line
}

// Render draws the line. Names and text are isolated from one another, so that
// none can turn another's direction of writing.
func (l *logLine) Render() app.UI {
	line := app.Li()
	author := l.Line.From
	author.Name = or(author.Name, author.ID)
	if author.Name == "" {
		return line.Body(app.Strong().Body(name(l.Line.Name)), app.Text(": "), l.text())
	}
	pieces := l.Lang.person(author)
	if label := labelOf(l.Line.Name, author); label != "" {
		pieces = append(pieces, app.Text(access.LabelMark), name(label))
	}
	return line.Body(append(pieces, app.Text(": "), l.text())...)
}

func (l *logLine) text() app.UI { return app.Span().Dir("auto").Body(app.Text(shown(l.Line.Text))) }

func (l *Log) onScroll(ctx app.Context, _ app.Event) {
	if !l.behind || !l.atEnd() {
		ctx.PreventUpdate()
		return
	}
	l.behind = false
}

func (l *Log) onNewest(_ app.Context, _ app.Event) {
	l.behind = false
	l.scrollToEnd()
	// The button goes; the keyboard goes on from the log.
	l.region().Call("focus")
}

// region is the element that scrolls.
func (l *Log) region() app.Value { return l.JSValue().Get("firstElementChild") }

func (l *Log) atEnd() bool {
	r := l.region()
	return r.Get("scrollTop").Float()+r.Get("clientHeight").Float()+nearEnd >= r.Get("scrollHeight").Float()
}

func (l *Log) scrollToEnd() {
	r := l.region()
	r.Set("scrollTop", r.Get("scrollHeight"))
}
