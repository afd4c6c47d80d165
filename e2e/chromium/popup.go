package chromium

import (
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// Popup runs JavaScript that opens a window, as if somebody had clicked, and returns
// that window. It has its opener, unless the script or a page's headers say not.
func (f *Frame) Popup(script string) *Page {
	f.t.Helper()
	known := map[target.ID]bool{}
	for _, info := range f.targets() {
		known[info.TargetID] = true
	}
	asClick := func(p *runtime.EvaluateParams) { p.UserGesture = new(true) }
	ctx, cancel := f.guarded()
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](script+"\n;undefined", asClick)); err != nil {
		f.t.Fatalf("in %s, %s: %v", f.what, script, err)
	}
	var id target.ID
	every(ctx, func() bool {
		for _, info := range f.targets() {
			if info.Type == "page" && !known[info.TargetID] {
				id = info.TargetID
			}
		}
		return id != ""
	}, func() { f.t.Fatalf("%s opened no window", f.what) })

	p := &Page{Frame: &Frame{t: f.t, what: "the popup"}}
	// It ends with the browser.
	p.ctx, _ = chromedp.NewContext(f.ctx, chromedp.WithTargetID(id), chromedp.WithDetachOnCancel())
	if err := chromedp.Do(p.ctx); err != nil {
		f.t.Fatalf("attach to the popup of %s: %v", f.what, err)
	}
	p.listen()
	return p
}

func (f *Frame) targets() []*target.Info {
	f.t.Helper()
	ctx, cancel := f.guarded()
	defer cancel()
	infos, err := chromedp.Targets(ctx)
	if err != nil {
		f.t.Fatalf("list the windows: %v", err)
	}
	return infos
}
