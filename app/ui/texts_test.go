package ui_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"partline.dev/app/ui"
)

func TestTexts_areWholeInEveryLanguage(t *testing.T) {
	for _, lang := range ui.Languages() {
		wholeTexts(t, lang, lang.Texts(), ui.English.Texts())
	}
}

func TestInstallTexts_areWholeInEveryLanguage(t *testing.T) {
	for _, lang := range ui.Languages() {
		wholeTexts(t, lang, lang.InstallTexts(), ui.English.InstallTexts())
	}
}

// wholeTexts tests every text of a page of the catalogue, beside the English one.
func wholeTexts(t *testing.T, lang ui.Lang, page, english any) {
	t.Helper()
	texts := reflect.ValueOf(page).Elem()
	for i := range texts.NumField() {
		name, text := texts.Type().Field(i).Name, texts.Field(i).String()
		if strings.TrimSpace(text) == "" {
			t.Errorf("%s: %s is empty", lang, name)
		}
		verbs := 0
		if strings.HasSuffix(name, "F") {
			verbs = 1
		}
		if strings.Count(text, "%") != verbs || strings.Count(text, "%s") != verbs {
			t.Errorf("%s: %s must have %d %%s: %q", lang, name, verbs, text)
		}
		for _, r := range text {
			if r == '"' || r == '\\' || !unicode.IsPrint(r) {
				t.Errorf("%s: %s has the character %q, which a pre-rendered attribute cannot hold", lang, name, r)
			}
		}
		if lang != ui.English && text == reflect.ValueOf(english).Elem().Field(i).String() {
			t.Errorf("%s: %s is not translated", lang, name)
		}
	}
}

func TestMatchLang(t *testing.T) {
	for _, e := range []struct {
		preferences []string
		want        ui.Lang
	}{
		{nil, ui.English},
		{[]string{""}, ui.English},
		{[]string{"de"}, ui.German},
		{[]string{"de-AT"}, ui.German},
		{[]string{"DE_ch"}, ui.German},
		{[]string{"ar-EG,ar;q=0.9,en;q=0.8"}, ui.Arabic},
		{[]string{"fr-FR, de;q=0.8, en;q=0.7"}, ui.German},
		{[]string{"fr", "ar"}, ui.Arabic},
		{[]string{"", "de"}, ui.German},
		{[]string{"deu", "*"}, ui.English},
		{[]string{strings.Repeat("x,", 100) + "de"}, ui.English},
	} {
		if got := ui.MatchLang(e.preferences...); got != e.want {
			t.Errorf("%q is %s, not %s", e.preferences, got, e.want)
		}
	}
}

func TestLang_zeroValueIsEnglish(t *testing.T) {
	var l ui.Lang
	if l.Texts() != ui.English.Texts() || l.Dir() != "ltr" {
		t.Error("the zero value is not English")
	}
	if ui.Arabic.Dir() != "rtl" {
		t.Error("Arabic is not written from right to left")
	}
}

func FuzzMatchLang(f *testing.F) {
	for _, seed := range []string{"", "de-AT,de;q=0.9", "ar", ",,;;--__", "*;q=0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		got := ui.MatchLang(header)
		if slices.Contains(ui.Languages(), got) {
			return
		}
		t.Errorf("%q is %q, which the catalogue does not have", header, got)
	})
}
