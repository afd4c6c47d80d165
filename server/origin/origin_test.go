package origin_test

import (
	"net/url"
	"strings"
	"testing"

	"partline.dev/server/origin"
)

func parse(t *testing.T, s string) origin.Origin {
	t.Helper()
	o, err := origin.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestCovers(t *testing.T) {
	for _, c := range []struct {
		allowed, from string
		want          bool
	}{
		{"https://good.example", "https://good.example", true},
		{"https://Good.Example:443", "https://good.example", true},
		{"https://good.example", "http://good.example", false},
		{"https://good.example", "https://good.example:8443", false},
		{"https://good.example", "https://a.good.example", false},
		{"https://*.good.example", "https://a.good.example", true},
		{"https://*.good.example", "https://a.b.good.example", true},
		{"https://*.good.example", "https://good.example", false},
		{"https://*.good.example", "https://evilgood.example", false},
		{"https://*.good.example", "http://a.good.example", false},
	} {
		allowed, err := origin.ParseAllowed(c.allowed)
		if err != nil {
			t.Fatal(err)
		}
		if got := allowed.Covers(parse(t, c.from)); got != c.want {
			t.Errorf("%s covers %s: %v", c.allowed, c.from, got)
		}
	}
	if (origin.Origin{}).Covers(parse(t, "https://good.example")) {
		t.Error("none covers one")
	}
}

func TestEntries(t *testing.T) {
	for s, want := range map[string]string{
		"https://a.b.example:8443": "https://a.b.example:8443 https://*.b.example:8443 https://*.example:8443",
		"https://*.b.example":      "https://*.b.example https://*.example",
		"http://localhost":         "http://localhost",
		"https://[::1]":            "https://[::1]",
	} {
		o, err := origin.ParseAllowed(s)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for entry := range o.Entries() {
			got = append(got, entry.String())
			if entry != o && !entry.Covers(o) && !strings.Contains(s, "*") {
				t.Errorf("%s does not cover %s", entry, s)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %s", s, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"https://good.example", "https://good.example:443", "http://localhost:8081", "https://[::1]:8443", "https://good.example.",
		"https://good.example@evil.example", "https://evil.example/https://good.example", "https://g\u043e\u043ed.example",
		"null", "", "chrome-extension://abcdef", "https://good.example https://evil.example",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		o, err := origin.Parse(s)
		if err != nil {
			return
		}
		got := o.String()
		again, err := origin.Parse(got)
		if err != nil || again != o {
			t.Fatalf("%q is read as %q, which is read as %q, %v", s, got, again, err)
		}
		u, err := url.Parse(got)
		if err != nil {
			t.Fatalf("%q is read as %q, which is no URL: %v", s, got, err)
		}
		if u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.Scheme+"://"+u.Host != got {
			t.Fatalf("%q is read as %q, which a browser reads as %#v", s, got, u)
		}
	})
}
