package page_test

import (
	"regexp"
	"testing"

	"partline.dev/server/front"
	"partline.dev/server/page"
)

// Nothing of a request gets into a header or the log but what could be typed as a
// flag.
func FuzzRefererSite(f *testing.F) {
	for _, seed := range []string{"https://x.example/", "https://x.example\n--allow-host *", "http://[::1]:1/", "https://*.x/", "//x", "https://a@b/"} {
		f.Add(seed)
	}
	plain := regexp.MustCompile(`^https?://[a-z0-9._\[\]:-]+$`)
	f.Fuzz(func(t *testing.T, referer string) {
		site, ok := page.RefererSite(referer)
		if !ok {
			return
		}
		if !plain.MatchString(site) {
			t.Fatalf("%q becomes %q", referer, site)
		}
		if again, ok := page.RefererSite(site + "/"); !ok || again != site {
			t.Errorf("%q becomes %q, and that %q", referer, site, again)
		}
		if _, err := front.NewPolicy("", []string{site}); err != nil {
			t.Errorf("%q becomes %q, which cannot be allowed: %v", referer, site, err)
		}
	})
}
