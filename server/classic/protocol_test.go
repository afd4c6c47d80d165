package classic_test

import (
	"regexp"
	"testing"

	"partline.dev/server/classic"
)

func TestVersion(t *testing.T) {
	for text, want := range map[string]classic.Spoken{
		"1.2":          {"1.2", false, false},
		"1.3":          {"1.3", false, false},
		"1.4":          {"1.4", true, false},
		"1.5":          {"1.5", true, false},
		"2.0":          {"2.0", true, true},
		"2.1":          {"2.0", true, true},
		"2.1.0.0":      {"2.0", true, true},
		" 1.4 ":        {"1.4", true, false},
		"01.05":        {"1.5", true, false},
		"99.0":         {"2.0", true, true},
		"1.1":          {"1.2", false, false},
		"0.0":          {"1.2", false, false},
		"1.10":         {"1.10", true, false},
		"2147483647.0": {"2.0", true, true},

		// What .NET cannot read is the oldest.
		"": {"1.2", false, false}, "1337": {"1.2", false, false}, "2": {"1.2", false, false},
		"2.": {"1.2", false, false}, ".2": {"1.2", false, false}, "2.0.0.0.0": {"1.2", false, false},
		"2.-1": {"1.2", false, false}, "a.b": {"1.2", false, false}, "2147483648.0": {"1.2", false, false},
		"2.0x": {"1.2", false, false}, "٢.٠": {"1.2", false, false},
	} {
		if got := classic.ReadVersion(text); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func FuzzVersion(f *testing.F) {
	known := regexp.MustCompile(`^(1\.([2-9]|[1-9][0-9]+)|2\.0)$`)
	f.Fuzz(func(t *testing.T, text string) {
		got := classic.ReadVersion(text)
		if !known.MatchString(got.Version) {
			t.Fatalf("%q is spoken as %q", text, got.Version)
		}
		if got.Redirects != (got.Version == "2.0") || got.Redirects && !got.Starts {
			t.Fatalf("%q: %+v", text, got)
		}
	})
}
