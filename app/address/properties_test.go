package address_test

import (
	"maps"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"partline.dev/app/address"
)

func TestRead(t *testing.T) {
	for _, e := range []struct {
		query string
		want  map[string]string
	}{
		{"", nil},
		{"name=Left&theme=dark", map[string]string{"name": "Left", "theme": "dark"}},
		{"name=a+b%20c", map[string]string{"name": "a b c"}},
		{"Name=a&NAME=b&name=c", map[string]string{"name": "a"}},
		{"name=a&amp;theme=dark", map[string]string{"name": "a", "theme": "dark"}},
		{"name=_name_", nil},
		{"name=_NAME_", nil},
		{"name={StandardTokens}", map[string]string{"name": "{StandardTokens}"}},
		{"{StandardTokens}&name=a", map[string]string{"name": "a"}},
		{"SPHostUrl=https%3a%2f%2fa&name=b", map[string]string{"sphosturl": "https://a", "name": "b"}},
		{"name=%2541", map[string]string{"name": "%41"}}, // encoded twice: decoded once
		{"name=%zz&theme=dark", map[string]string{"theme": "dark"}},
		{"%zz=a", nil},
		{"name=%ff&name=b", map[string]string{"name": "b"}},
		{"name=a%00b%0d%0ac%7f%c2%85", map[string]string{"name": "abc"}},
		{"name=+a+", map[string]string{"name": "a"}},
		{"name=%20", nil},
		{"name", nil},
		{"=a", nil},
		{"a;b=c", nil},
		{"na.me=a", nil},
		{"name=a=b", map[string]string{"name": "a=b"}},
		{"name=<script>alert(1)</script>", map[string]string{"name": "<script>alert(1)</script>"}},
		{"x=" + strings.Repeat("a", 9<<10) + "&name=late", map[string]string{"x": strings.Repeat("a", 8<<10-2)}},
	} {
		if got := address.Read(e.query); !maps.Equal(got, e.want) {
			t.Errorf("%.60q is %.80q, not %.80q", e.query, got, e.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"name=Left&amp;theme=dark", "name=%ff%00", "&&==&=;", "name=_name_&NAME=x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		for name, value := range address.Read(query) {
			if name == "" || len(name) > address.MaxName || strings.ToLower(name) != name {
				t.Errorf("%q has the name %q", query, name)
			}
			if value == "" || !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl) {
				t.Errorf("%q has the value %q", query, value)
			}
			if len(value) > 3*len(query) {
				t.Errorf("%d bytes became %d", len(query), len(value))
			}
		}
	})
}
