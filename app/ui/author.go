package ui

import (
	"strings"
	"unicode"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/shared/access"
)

// name is how a name is shown, whoever wrote it: isolated, so that it cannot turn
// the direction of what is beside it, and without characters that nobody sees.
func name(name string) app.UI {
	return app.Elem("bdi").Body(app.Text(access.ForeignName(name)))
}

// person shows who somebody is. A user whom the server knows has a face and the
// id behind the name, a guest the word for it, which no name can have: it stands
// outside of it.
func (l Lang) person(p access.Person) []app.UI {
	t := l.Texts()
	if p.ID == "" {
		shown := []app.UI{app.Strong().Body(name(p.Name))}
		if p.Guest {
			shown = append(shown, app.Text(" "), app.Span().Class("guest").Text(t.Guest))
		}
		return shown
	}
	return []app.UI{
		&face{Name: p.Name, Icon: p.Icon, Title: t.SignedIn},
		app.Strong().Class("member").Title("%s", p.ID).Body(name(p.Name)),
	}
}

// labelOf is what a part calls itself, of a name that the server has made of an
// author and that: "Ann (guest) · Part One". Empty: the author said it without a
// label.
func labelOf(name string, author access.Person) string {
	made := access.ForeignName(author.Name)
	if author.Guest {
		made += access.GuestMark
	}
	rest, ok := strings.CutPrefix(name, made)
	switch {
	case ok && rest == "":
		return ""
	case ok && strings.HasPrefix(rest, access.LabelMark):
		return rest[len(access.LabelMark):]
	}
	return name
}

// shown is a text as it is shown: what would turn the direction of writing against
// the letters' own is made visible.
func shown(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\u202d' || r == '\u202e' {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// face is the picture of a user, or the first letter of the name until one comes.
type face struct {
	app.Compo

	Name  string
	Icon  string // its address; only https is shown
	Title string // what it says to who does not see it

	came string // the address from which a picture has come
}

// OnMount says that the picture says nothing: go-app leaves an empty attribute out.
func (f *face) OnMount(app.Context) { f.wordless() }

// OnUpdate tries another picture.
func (f *face) OnUpdate(ctx app.Context) { ctx.Defer(func(app.Context) { f.wordless() }) }

// Render draws the face.
func (f *face) Render() app.UI {
	letter := ""
	for _, r := range access.ForeignName(f.Name) {
		letter = string(unicode.ToUpper(r))
		break
	}
	return app.Span().Class("face").Role("img").Aria("label", f.Title).DataSet("letter", letter).Body(
		app.If(strings.HasPrefix(f.Icon, "https://"), func() app.UI {
			return app.Elem("img").
				Class("face-picture").
				Attr("src", f.Icon).
				Attr("referrerpolicy", "no-referrer").
				Attr("decoding", "async").
				Attr("width", faceSize).
				Attr("height", faceSize).
				Hidden(f.Icon != f.came).
				On("load", f.onLoad)
		}),
	)
}

// faceSize is how high and wide a face is, in CSS pixels, as in the style sheet.
const faceSize = 20

func (f *face) onLoad(app.Context, app.Event) { f.came = f.Icon }

func (f *face) wordless() {
	if img := f.JSValue().Call("querySelector", "img"); img.Truthy() {
		img.Set("alt", "")
	}
}
