// Package ui holds the components that parts are made of: a log of lines, a box
// that sends, buttons and boxes that act, and the state of the connection in
// words, in the reader's language. A part draws them in its Render:
//
//	app.Div().Body(
//		&ui.Log{Lang: page.Lang, Lines: p.lines},
//		&ui.Composer{Lang: page.Lang, Send: p.send},
//	)
//
// Every component draws itself anew when one of its exported fields changes,
// works without a pointer device, and says to a screen reader what it shows. All
// text becomes text nodes, never markup.
//
// Concurrency: components live on go-app's UI goroutine, and so do [Lines]. The
// functions that a part hands over (Send, Do, Set) are the exception: they are
// called beside it, so they may block, and must not touch the part's fields.
//
// go-app knows children by their place among their siblings. What comes and goes
// in front of a component makes it another one, without focus and text. So what
// grows stands in an element of its own, as a [List] does.
//
// Elements that one component needs are made with app.Elem: each of go-app's own
// types of elements is 2 kB of the program in the browser.
//
// No component writes a style attribute: the Content-Security-Policy of a part
// has no inline style. How things look is web/static/part.css, by class.
package ui
