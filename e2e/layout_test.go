package e2e_test

import (
	"fmt"
	"testing"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit"
	"partline.dev/internal/testkit/partline"
)

// layout is one way in which a reader may meet a part.
type layout struct {
	part, lang, theme string
	width             int // CSS pixels
}

// layouts are all of them, from the narrowest tile to a whole page.
func layouts() (all []layout) {
	for _, part := range []string{"one", "two"} {
		for _, lang := range []string{"en", "de", "ar"} {
			for _, theme := range []string{"light", "dark", "contrast"} {
				for width := 150; width <= 1200; width += 50 {
					all = append(all, layout{part, lang, theme, width})
				}
			}
		}
	}
	return all
}

// Nothing of a part is cut off at any width, and what a hand must hit is large
// enough.
func TestLayout_fitsEveryWidth(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary)
	page := chromium.Start(t, nil).Open(s.URL + "/")
	all := layouts()
	for _, i := range testkit.Sample(t, len(all)) {
		l := all[i]
		page.Size(l.width, 300)
		page.Go(fmt.Sprintf("%s/parts/%s?lang=%s&theme=%s", s.URL, l.part, l.lang, l.theme))
		page.Wait("the part", `document.querySelector("input")?.disabled === false`)
		if got := chromium.Eval[int](page.Frame, `document.documentElement.scrollWidth`); got > l.width {
			t.Errorf("%+v: the part is %d pixels wide", l, got)
		}
		outside := chromium.Eval[[]string](page.Frame, `[...document.querySelectorAll("input, select, button, a, h1, [role=status], [role=log]")]
			.filter(e => { const r = e.getBoundingClientRect(); return r.width > 0 && (r.left < -1 || r.right > innerWidth + 1) })
			.map(e => e.outerHTML)`)
		if len(outside) > 0 {
			t.Errorf("%+v: outside are %q", l, outside)
		}
		// WCAG 2.2, 2.5.8.
		small := chromium.Eval[[]string](page.Frame, `[...document.querySelectorAll("input, select, button")]
			.filter(e => { const r = e.getBoundingClientRect(); return r.width < 24 || r.height < 24 })
			.map(e => e.outerHTML)`)
		if len(small) > 0 {
			t.Errorf("%+v: too small are %q", l, small)
		}
	}
}
