package access_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

func TestCleanName(t *testing.T) {
	for name, want := range map[string]string{
		"Ann":                                 "Ann",
		"  Ann Bee \t\n":                      "Ann Bee",
		"\u3000\u00a0Ann":                     "Ann",
		"Zoë":                                 "Zoë",
		"أمينة":                               "أمينة",
		"Аnn":                                 "Аnn", // with a Cyrillic A: a guest is shown as one
		"𝖠𝗇𝗇":                                 "𝖠𝗇𝗇",
		"\u2764\ufe0f":                        "\u2764\ufe0f", // a heart, with a variation selector
		"<b>Ann</b> · Part One":               "<b>Ann</b> · Part One",
		strings.Repeat("a", 255):              strings.Repeat("a", 255),
		" " + strings.Repeat("é", 127) + "a ": strings.Repeat("é", 127) + "a",
	} {
		if got, err := access.CleanName(name); err != nil || got != want {
			t.Errorf("%q is cleaned to %q, %v", name, got, err)
		}
	}
}

// hostileNames are refused; what is left of each if somebody vouches for it.
var hostileNames = map[string]struct{ name, left string }{
	"empty":                      {"", ""},
	"only spaces":                {" \t\u3000\u00a0\u2003 ", ""},
	"256 bytes":                  {strings.Repeat("a", 256), strings.Repeat("a", 255)},
	"256 bytes, cut in a letter": {strings.Repeat("é", 128), strings.Repeat("é", 127)},
	"not UTF-8":                  {"A\xffnn", "Ann"},
	"a lone surrogate":           {"A\xed\xa0\x80nn", "Ann"},
	"zero":                       {"A\x00nn", "Ann"},
	"a line break":               {"Ann\nBob", "AnnBob"},
	"an escape":                  {"\x1b[31mAnn", "[31mAnn"},
	"a C1 control":               {"Ann\u009bx", "Annx"},
	"delete":                     {"Ann\x7f", "Ann"},
	"a line separator":           {"Ann\u2028Bob", "AnnBob"},
	"a paragraph separator":      {"Ann\u2029Bob", "AnnBob"},
	"zero-width space":           {"An\u200bn", "Ann"},
	"zero-width non-joiner":      {"An\u200cn", "Ann"},
	"zero-width joiner":          {"An\u200dn", "Ann"},
	"word joiner":                {"An\u2060n", "Ann"},
	"byte order mark":            {"\ufeffAnn", "Ann"},
	"soft hyphen":                {"An\u00adn", "Ann"},
	"RLO":                        {"\u202ennA", "nnA"},
	"LRO":                        {"\u202dAnn", "Ann"},
	"embedding":                  {"\u202aAnn\u202c", "Ann"},
	"isolates":                   {"\u2066A\u2069\u2067n\u2069\u2068n\u2069", "Ann"},
	"RLM":                        {"Ann\u200f", "Ann"},
	"LRM":                        {"Ann\u200e", "Ann"},
	"Arabic letter mark":         {"Ann\u061c", "Ann"},
	"tag characters":             {"Ann\U000e0041", "Ann"},
	"Hangul filler":              {"\u3164", ""},
	"Hangul half-width filler":   {"Ann\uffa0", "Ann"},
	"grapheme joiner":            {"An\u034fn", "Ann"},
	"Braille blank":              {"\u2800", ""},
	"only a variation selector":  {"\ufe0f", ""},
}

func TestCleanName_refuses(t *testing.T) {
	for what, c := range hostileNames {
		t.Run(what, func(t *testing.T) {
			got, err := access.CleanName(c.name)
			if refused, ok := errors.AsType[*access.Refusal](err); !ok || refused.Code != access.CodeName || got != "" {
				t.Errorf("%q is cleaned to %q, %v", c.name, got, err)
			}
			if err != nil && c.name != "" && strings.Contains(err.Error(), c.name) {
				t.Errorf("the error shows the name: %q", err)
			}
			if left := access.ForeignName(c.name); left != c.left {
				t.Errorf("of %q is left %q, not %q", c.name, left, c.left)
			}
		})
	}
}

func FuzzCleanName(f *testing.F) {
	f.Add("Ann")
	f.Add(" \u202ennA\u00a0")
	f.Add(strings.Repeat("é", 128))
	f.Add("\ufe0f\xff")
	f.Fuzz(func(t *testing.T, text string) {
		name, err := access.CleanName(text)
		left := access.ForeignName(text)
		if err == nil && left != name {
			t.Errorf("%q is clean, and of it is left %q", name, left)
		}
		for _, clean := range []string{name, left} {
			if clean == "" {
				continue
			}
			if err := contract.ValidName(clean); err != nil || !utf8.ValidString(clean) {
				t.Errorf("%q became %q: %v", text, clean, err)
			}
			if again, err := access.CleanName(clean); err != nil || again != clean {
				t.Errorf("%q became %q, and that %q, %v", text, clean, again, err)
			}
		}
	})
}
