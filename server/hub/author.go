package hub

import (
	"cmp"
	"strings"
)

// authorSeparator stands between who somebody is and what a label says. No label
// has it, so that nobody can call itself somebody with a label.
const authorSeparator = " · "

// Author is what people read as the author of what the caller says through
// something that is labelled so, such as "Part One": the label for a caller of whom
// nothing is known, "Ann · Part One" for a user, "Ann (guest) · Part One" for a
// guest with a name. Without a label, or with one that says the name again, it is the
// name alone. A label is a client's word.
func (x *Context) Author(label string) string {
	p := x.Principal()
	name := cmp.Or(p.Name, p.ID)
	if label == name {
		label = ""
	}
	if p.Guest() && name != "" {
		name += " (guest)"
	}
	for strings.Contains(label, authorSeparator) {
		label = strings.ReplaceAll(label, authorSeparator, " - ")
	}
	if name == "" || label == "" {
		return name + label
	}
	return name + authorSeparator + label
}
