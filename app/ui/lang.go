package ui

import "partline.dev/app/address"

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

// MatchLang returns the language of the first preference that the catalogue has, as
// [address.Match] reads them, else English.
func MatchLang(preferences ...string) Lang {
	return address.Match(Languages(), preferences...)
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
