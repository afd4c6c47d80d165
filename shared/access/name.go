package access

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"partline.dev/shared/contract"
)

// CleanName is name as others may read it: the nickname of a guest, or what a user
// is called. It is without the spaces around it, has 1 to [contract.MaxName] bytes
// of UTF-8, something to see, and nothing that is not seen: no control characters,
// and none that turn the direction of what follows or have no width. Letters that
// look like others stay: who a name belongs to is said beside it. The error is a
// *[Refusal] with CodeName.
func CleanName(name string) (string, error) {
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return "", badName("Say a name, please.")
	case len(name) > contract.MaxName:
		return "", badName("This name is too long: 255 bytes are the most.")
	case !utf8.ValidString(name):
		return "", badName("This name is not UTF-8.")
	case strings.ContainsFunc(name, hides):
		return "", badName("This name has a character that nobody can see.")
	case !strings.ContainsFunc(name, shows):
		return "", badName("This name has nothing to see.")
	}
	return name, nil
}

// ForeignName is what CleanName leaves of a name that somebody else vouches for,
// and which nobody here can be asked to write in another way: without the characters
// that CleanName refuses, and no longer than it allows. Empty: nothing is left.
func ForeignName(name string) string {
	name = strings.Map(func(r rune) rune {
		if hides(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	name = strings.TrimSpace(name)
	if len(name) > contract.MaxName {
		end := contract.MaxName
		for !utf8.RuneStart(name[end]) {
			end--
		}
		name = strings.TrimSpace(name[:end])
	}
	if !strings.ContainsFunc(name, shows) {
		return ""
	}
	return name
}

func badName(sentence string) error { return &Refusal{CodeName, sentence} }

// hides tells whether r could make a name be read as another: it steers what is
// shown, or nothing is.
func hides(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point)
}

// blank is the one symbol that is printed as nothing: Braille without a dot.
const blank = '\u2800'

// shows tells whether r alone can be seen.
func shows(r rune) bool {
	return r != blank && !unicode.IsSpace(r) && !unicode.Is(unicode.Variation_Selector, r)
}
