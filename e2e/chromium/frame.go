package chromium

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// Frame is a page, or a frame of another site in one: something with a document
// of its own that the browser keeps in a process of its own.
type Frame struct {
	t    testing.TB
	ctx  context.Context
	what string // as in "the part One"

	// The page around the frame and the frame's element in it. Nil for a page.
	parent *Frame
	owner  runtime.RemoteObjectID

	mu         sync.Mutex // protects following
	complaints []string
	console    []string // all that was written to it, complaints too
}

// Inside attaches to the nth frame, from 0, whose element has the title, in the page
// or in a frame of the page's own origin. It waits until it is there.
func (p *Page) Inside(title string, n int) *Frame {
	p.t.Helper()
	what := fmt.Sprintf("the frame %q, number %d", title, n)
	element := fmt.Sprintf(`(function all(w) {
		let d
		try { d = w.document } catch { return [] }
		return [...d.querySelectorAll('iframe[title=%q]'), ...[...Array(w.length).keys()].flatMap(i => all(w[i]))]
	})(window)[%d]`, title, n)
	p.Wait(what, "!!"+element)
	owner := p.object(element)
	node := call(p.Frame, dom.DescribeNode, dom.DescribeNodeParams{ObjectID: owner})
	id := target.ID(node.Node.FrameID)

	f := &Frame{t: p.t, what: what, parent: p.Frame, owner: owner}
	ctx, cancel := p.guarded()
	defer cancel()
	every(ctx, func() bool {
		infos, err := chromedp.Targets(ctx)
		if err != nil {
			p.t.Fatalf("list the frames: %v", err)
		}
		for _, info := range infos {
			if info.TargetID == id {
				return true
			}
		}
		return false
	}, func() { p.t.Fatalf("%s is not a frame of another site, or it does not load", what) })

	// The frame is the page's to close.
	f.ctx, _ = chromedp.NewContext(p.ctx, chromedp.WithTargetID(id), chromedp.WithDetachOnCancel())
	if err := chromedp.Do(f.ctx); err != nil {
		p.t.Fatalf("attach to %s: %v", what, err)
	}
	f.listen()
	return f
}

// Eval evaluates a JavaScript expression and returns its value; a promise's,
// when it is kept.
func Eval[T any](f *Frame, expression string) T {
	f.t.Helper()
	ctx, cancel := f.guarded()
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		f.t.Fatalf("in %s, %s: %v", f.what, expression, err)
	}
	return value
}

// Run runs JavaScript for what it does.
func (f *Frame) Run(script string) {
	f.t.Helper()
	Eval[chromedp.Void](f, script)
}

// Wait waits until the JavaScript condition holds. What says in words what is
// waited for. A document that is replaced meanwhile is asked again.
func (f *Frame) Wait(what, condition string) {
	f.t.Helper()
	ctx, cancel := f.guarded()
	defer cancel()
	// Any change of the document is an occasion to look again, and the timer is
	// for the rest, such as what is typed in a box.
	script := `new Promise(done => {
		const look = () => { if (` + condition + `) { seen.disconnect(); clearInterval(again); done(true) } }
		const seen = new MutationObserver(look)
		const again = setInterval(look, 100)
		seen.observe(document, {subtree: true, childList: true, characterData: true, attributes: true})
		look()
	})`
	var last error
	every(ctx, func() bool {
		_, last = chromedp.Run(ctx, chromedp.Evaluate[bool](script, chromedp.EvalAwaitPromise))
		if wrong := (*chromedp.ExceptionError)(nil); errors.As(last, &wrong) {
			f.t.Fatalf("in %s, %s: %v", f.what, condition, last)
		}
		return last == nil
	}, func() { f.t.Fatalf("%s: %s did not come: %v; it shows:\n%s", f.what, what, last, f.glimpse()) })
}

// Text is what the document shows.
func (f *Frame) Text() string {
	f.t.Helper()
	return Eval[string](f, `document.body ? document.body.innerText : ""`)
}

// glimpse is what the document shows and has written to the console, for an error
// message: without an error of its own.
func (f *Frame) glimpse() string {
	ctx, cancel := context.WithTimeout(f.ctx, 5*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body ? document.body.innerText : ""`))
	if err != nil {
		return err.Error()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(slices.Concat([]string{strings.TrimSpace(text), "its console:"}, f.console), "\n")
}

// object evaluates an expression to a handle on its value.
func (f *Frame) object(expression string) runtime.RemoteObjectID {
	f.t.Helper()
	r := call(f, runtime.Evaluate, runtime.EvaluateParams{Expression: expression})
	if r.ExceptionDetails != nil || r.Result.ObjectID == "" {
		f.t.Fatalf("in %s, %s is not an object", f.what, expression)
	}
	return r.Result.ObjectID
}

// page is the page that the frame is in, or itself.
func (f *Frame) page() *Frame {
	if f.parent != nil {
		return f.parent
	}
	return f
}

func (f *Frame) guarded() (context.Context, context.CancelFunc) {
	return context.WithTimeout(f.ctx, guard)
}

// call sends a command of the DevTools protocol.
func call[P, R any](f *Frame, command cdp.Command[P, R], params P) R {
	f.t.Helper()
	ctx, cancel := f.guarded()
	defer cancel()
	r, err := chromedp.Call(ctx, command, params)
	if err != nil {
		f.t.Fatalf("in %s, %s: %v", f.what, command.Method, err)
	}
	return r
}

// every asks until the answer is yes. When ctx ends it calls late, which ends
// the test.
func every(ctx context.Context, ask func() bool, late func()) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !ask() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			late()
			return
		}
	}
}
