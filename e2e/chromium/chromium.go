// Package chromium drives Chromium for tests as a person would: it opens pages,
// finds what is on them by role and name, clicks, types, and waits for what
// should appear. Parts in frames of another site are pages of their own to the
// browser; [Page.Inside] reaches into them.
//
//	b := chromium.Start(t, nil)
//	page := b.Open(hostURL)
//	part := page.Inside("Connected Part - One", 0)
//	part.Find("textbox", "Message").Type("Hello")
//	part.Find("button", "Send").Click()
//	part.Wait("the message", `document.body.innerText.includes("Hello")`)
//
// Everything that goes wrong ends the test with a sentence that says what was
// being waited for, and what the page showed.
//
// Concurrency: a [Browser] and all that comes of it belong to the test's
// goroutine.
//
// What blocks: everything, until the browser has answered or the guard of half
// a minute is over.
package chromium

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// guard is how long anything in a browser may take: three times what a part
// may take to start on a machine that is busy with other tests.
const guard = 30 * time.Second

// Options change a browser. Nil is a fresh profile as every user has it.
type Options struct {
	// BlockStorage denies every page and frame its storage, as the setting
	// "don't allow sites to save data on your device" does. (Blocking
	// third-party cookies alone leaves a frame its storage, in a partition.)
	BlockStorage bool

	// TrustKeys are certificates that are trusted whoever has signed them, each
	// as the base64 of the SHA-256 of its public key.
	TrustKeys []string
}

// flags are the only ones given. The automation's usual ones turn off what users
// have: storage partitioning, throttled timers and more.
var flags = []string{
	"headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run",
	"disable-background-networking", "disable-component-update", "disable-sync",
}

// Browser is one Chromium process with a profile of its own.
type Browser struct {
	t   testing.TB
	ctx context.Context
}

// Start starts a browser that ends with the test.
func Start(t testing.TB, o *Options) *Browser {
	t.Helper()
	if o == nil {
		o = &Options{}
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("Chromium is not installed; make test installs it, or: sudo apt-get install -y chromium")
	}
	profile := o.profile(t)
	set := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.UserDataDir(profile)}
	for _, f := range flags {
		set = append(set, chromedp.Flag(f, true))
	}
	if len(o.TrustKeys) > 0 {
		set = append(set, chromedp.Flag("ignore-certificate-errors-spki-list", strings.Join(o.TrustKeys, ",")))
	}
	allocated, release := chromedp.NewExecAllocator(context.Background(), set...)
	t.Cleanup(release)
	ctx, _ := chromedp.NewContext(allocated) // canceled below, and by release
	t.Cleanup(func() {
		end, cancel := context.WithTimeout(ctx, guard)
		defer cancel()
		if err := chromedp.Cancel(end); err != nil {
			t.Logf("close Chromium: %v", err)
		}
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return &Browser{t: t, ctx: ctx}
}

// profile makes a folder for the browser's data. The browser's helpers may
// outlive it by a moment and still write there, so it is removed in several
// tries.
func (o *Options) profile(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "partline-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for range 100 {
			if err = os.RemoveAll(dir); err == nil {
				return
			}
			<-tick.C
		}
		t.Logf("remove the profile: %v", err)
	})
	if o.BlockStorage {
		const settings = `{"profile":{"default_content_setting_values":{"cookies":2}}}`
		if err := os.MkdirAll(filepath.Join(dir, "Default"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "Default", "Preferences"), []byte(settings), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Open opens url in a tab in a window of its own, and returns when it has
// loaded.
func (b *Browser) Open(url string) *Page {
	b.t.Helper()
	p := b.tab()
	p.Go(url)
	return p
}

// OpenBehind opens url in a new tab of the same window as the last one, which
// hides the others of that window.
func (b *Browser) OpenBehind(url string) *Page {
	b.t.Helper()
	p := b.tab(chromedp.WithNewWindow(false))
	p.Go(url)
	return p
}

func (b *Browser) tab(options ...chromedp.ContextOption) *Page {
	b.t.Helper()
	ctx, _ := chromedp.NewContext(b.ctx, options...) // ends with the browser
	p := &Page{Frame: &Frame{t: b.t, ctx: ctx, what: "the page"}}
	if err := chromedp.Do(ctx); err != nil {
		b.t.Fatalf("open a tab: %v", err)
	}
	p.listen()
	return p
}

// Page is a tab.
type Page struct{ *Frame }

// Go navigates to url and returns when it has loaded.
func (p *Page) Go(url string) {
	p.t.Helper()
	ctx, cancel := p.guarded()
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		p.t.Fatalf("open %s: %v", url, err)
	}
}

// Reload loads the page again.
func (p *Page) Reload() {
	p.t.Helper()
	ctx, cancel := p.guarded()
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Reload()); err != nil {
		p.t.Fatalf("reload: %v", err)
	}
}

// WaitForWorker waits until a service worker answers for the page.
func (p *Page) WaitForWorker() {
	p.t.Helper()
	p.Wait("a service worker", `navigator.serviceWorker.controller?.state === "activated"`)
}

// InstallabilityErrors are the reasons why Chromium would not install the page
// as an app; none if it would.
func (p *Page) InstallabilityErrors() (errors []string) {
	p.t.Helper()
	for _, e := range call(p.Frame, page.GetInstallabilityErrors, cdp.Empty{}).InstallabilityErrors {
		errors = append(errors, e.ErrorID)
	}
	return errors
}

// Front brings the tab to the front of its window.
func (p *Page) Front() {
	p.t.Helper()
	call(p.Frame, page.BringToFront, cdp.Empty{})
}

// Freeze stops all that the page does, as a browser does with a tab that is not
// looked at: no timer and no handler runs until Thaw.
func (p *Page) Freeze() {
	p.t.Helper()
	call(p.Frame, page.SetWebLifecycleState, page.SetWebLifecycleStateParams{State: "frozen"})
}

// Thaw lets a frozen page go on.
func (p *Page) Thaw() {
	p.t.Helper()
	call(p.Frame, page.SetWebLifecycleState, page.SetWebLifecycleStateParams{State: "active"})
}

// Close closes the tab, and returns when it is gone.
func (p *Page) Close() {
	p.t.Helper()
	if err := chromedp.Cancel(p.ctx); err != nil {
		p.t.Fatalf("close a tab: %v", err)
	}
}

// Screenshot is the page as a PNG.
func (p *Page) Screenshot() []byte {
	p.t.Helper()
	ctx, cancel := p.guarded()
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatalf("screenshot: %v", err)
	}
	return picture
}

// ColorScheme makes the page see a reader who prefers it: light or dark.
func (p *Page) ColorScheme(scheme string) {
	p.t.Helper()
	p.prefer(&emulation.MediaFeature{Name: "prefers-color-scheme", Value: scheme})
}

// ForcedColors makes the page see a reader whose system has a few colours of its own
// for everything, dark ones.
func (p *Page) ForcedColors() {
	p.t.Helper()
	p.prefer(&emulation.MediaFeature{Name: "forced-colors", Value: "active"}, &emulation.MediaFeature{Name: "prefers-color-scheme", Value: "dark"})
}

func (p *Page) prefer(features ...*emulation.MediaFeature) {
	p.t.Helper()
	call(p.Frame, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
}

// Size sets the size of the page, in CSS pixels.
func (p *Page) Size(width, height int) {
	p.t.Helper()
	ctx, cancel := p.guarded()
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(int64(width), int64(height))); err != nil {
		p.t.Fatalf("set the size of the page: %v", err)
	}
}
