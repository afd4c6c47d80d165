package hub

import (
	"cmp"
	"strings"
	"unicode"

	"partline.dev/shared/access"
)

// dots look like that of [access.LabelMark]. No label has one, so that nobody can call
// itself somebody with a label.
const dots = "\u00b7\u0387\u119e\u1427\u16eb\u2022\u2027\u2219\u22c5\u25cf\u2981\u2e31\u2e33\u30fb\u318d\ua78f\uff65\U00010101\U0001f784"

// Author is what people read as the author of what the caller says through
// something that is labelled so, such as "Part One": the label for a caller of whom
// nothing is known, "Ann · Part One" for a user, "Ann (guest) · Part One" for a
// guest with a name. Without a label, or with one that says the name again, it is the
// name alone. A label is a client's word.
func (x *Context) Author(label string) string {
	p := x.Principal()
	name := access.ForeignName(cmp.Or(p.Name, p.ID)) // an id is of an issuer, and may hold what nobody sees
	if label == name {
		label = ""
	}
	if p.Guest() && name != "" {
		name += access.GuestMark
	}
	label = plainLabel(label)
	if name == "" || label == "" {
		return name + label
	}
	return name + access.LabelMark + label
}

// plainLabel is label with a hyphen for each dot that does not stand between two
// letters, as that of "Gal·la" does: spaces have many forms, some without a width.
func plainLabel(label string) string {
	if !strings.ContainsAny(label, dots) {
		return label
	}
	all := []rune(label)
	joins := func(i int) bool {
		return i >= 0 && i < len(all) && (unicode.IsLetter(all[i]) || unicode.IsDigit(all[i])) &&
			!unicode.Is(unicode.Other_Default_Ignorable_Code_Point, all[i]) && !strings.ContainsRune(dots, all[i])
	}
	plain := make([]rune, len(all))
	for i, r := range all {
		if strings.ContainsRune(dots, r) && (!joins(i-1) || !joins(i+1)) {
			r = '-'
		}
		plain[i] = r
	}
	return string(plain)
}
