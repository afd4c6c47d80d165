package ui

import "strings"

// Lang is a language that the catalogue of texts has, as its BCP 47 primary
// subtag. The zero value means English.
type Lang string

// The languages of the catalogue.
const (
	English Lang = "en"
	German  Lang = "de"
	Arabic  Lang = "ar"
)

// Languages are all languages of the catalogue, the default first.
func Languages() []Lang { return []Lang{English, German, Arabic} }

// MatchLang returns the language of the first preference that the catalogue
// has, else English. A preference is a language tag of any case ("de-AT"), or a
// list of them as in the header Accept-Language; quality values and order
// inside one list are taken as they stand, first wins. A tag that is not one is
// passed over.
func MatchLang(preferences ...string) Lang {
	for _, p := range preferences {
		// A list is read no further than a person would write one.
		for _, tag := range strings.SplitN(p, ",", 33) {
			tag, _, _ = strings.Cut(tag, ";")
			primary, _, _ := strings.Cut(strings.TrimSpace(tag), "-")
			primary, _, _ = strings.Cut(primary, "_")
			for _, l := range Languages() {
				if strings.EqualFold(primary, string(l)) {
					return l
				}
			}
		}
	}
	return English
}

// Dir is the direction of the language's script, for an HTML dir attribute.
func (l Lang) Dir() string {
	if l == Arabic {
		return "rtl"
	}
	return "ltr"
}

// Texts is the catalogue's page for the language.
func (l Lang) Texts() *Texts {
	switch l {
	case German:
		return &german
	case Arabic:
		return &arabic
	default:
		return &english
	}
}
