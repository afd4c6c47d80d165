package chromium

import (
	"fmt"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Element is something in a frame that assistive technology knows by a role and
// a name.
type Element struct {
	f      *Frame
	what   string
	object runtime.RemoteObjectID
}

// Find waits until the frame has exactly one element with the role and the name,
// as a screen reader would find it. An empty name is any name.
func (f *Frame) Find(role, name string) *Element {
	f.t.Helper()
	e := &Element{f: f, what: fmt.Sprintf("the %s %q", role, name)}
	ctx, cancel := f.guarded()
	defer cancel()
	count := 0
	every(ctx, func() bool {
		nodes, err := f.query(role, name)
		if err != nil {
			return false
		}
		if count = len(nodes); count != 1 {
			return false
		}
		e.object, err = f.resolve(nodes[0])
		return err == nil
	}, func() { f.t.Fatalf("%s has %d of %s; it shows:\n%s", f.what, count, e.what, f.glimpse()) })
	return e
}

// Has reports whether the frame has an element with the role and the name now.
func (f *Frame) Has(role, name string) bool {
	f.t.Helper()
	nodes, err := f.query(role, name)
	if err != nil {
		f.t.Fatalf("in %s, look for the %s %q: %v", f.what, role, name, err)
	}
	return len(nodes) > 0
}

// query asks the accessibility tree. The document may be replaced meanwhile, so
// an error is not the end of a test.
func (f *Frame) query(role, name string) ([]cdp.BackendNodeID, error) {
	ctx, cancel := f.guarded()
	defer cancel()
	document, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: "document"})
	if err != nil {
		return nil, err
	}
	found, err := chromedp.Call(ctx, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{
		ObjectID: document.Result.ObjectID, Role: role, AccessibleName: name,
	})
	if err != nil {
		return nil, err
	}
	var nodes []cdp.BackendNodeID
	for _, n := range found.Nodes {
		if !n.Ignored {
			nodes = append(nodes, n.BackendDOMNodeID)
		}
	}
	return nodes, nil
}

func (f *Frame) resolve(node cdp.BackendNodeID) (runtime.RemoteObjectID, error) {
	ctx, cancel := f.guarded()
	defer cancel()
	r, err := chromedp.Call(ctx, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: node})
	if err != nil {
		return "", err
	}
	return r.Object.ObjectID, nil
}

// Ask calls a JavaScript function with the element as its argument.
func Ask[T any](e *Element, function string) T {
	e.f.t.Helper()
	ctx, cancel := e.f.guarded()
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.CallFunctionOn[T]("function() { return ("+function+")(this) }", func(p *runtime.CallFunctionOnParams) {
		p.ObjectID = e.object
		p.AwaitPromise = new(true)
	}))
	if err != nil {
		e.f.t.Fatalf("in %s, %s of %s: %v", e.f.what, function, e.what, err)
	}
	return value
}

// Value is what stands in a box.
func (e *Element) Value() string {
	e.f.t.Helper()
	return Ask[string](e, "e => e.value")
}

// Text is what the element shows.
func (e *Element) Text() string {
	e.f.t.Helper()
	return Ask[string](e, "e => e.innerText")
}

// Focused reports whether the keyboard writes into the element, if its document
// has the keyboard.
func (e *Element) Focused() bool {
	e.f.t.Helper()
	return Ask[bool](e, "e => e.ownerDocument.activeElement === e")
}

// Click scrolls the element into view and presses and releases the left mouse
// button in its middle, where whatever lies over it would get it instead.
func (e *Element) Click() {
	e.f.t.Helper()
	Ask[chromedp.Void](e, `e => e.scrollIntoView({block: "nearest"})`)
	ctx, cancel := e.f.page().guarded()
	defer cancel()
	// A frame's element scrolls the page around it by way of another process,
	// and a page may scroll smoothly: the place counts once it stays.
	at, still := e.middle(), 0
	every(ctx, func() bool {
		now := e.middle()
		if still++; now != at {
			at, still = now, 0
		}
		return still == 3
	}, func() { e.f.t.Fatalf("%s in %s does not stand still", e.what, e.f.what) })
	if err := chromedp.Do(ctx, chromedp.MouseClickXY(at[0], at[1])); err != nil {
		e.f.t.Fatalf("click %s in %s: %v", e.what, e.f.what, err)
	}
}

// middle is where the element's middle is in the page's view.
func (e *Element) middle() [2]float64 {
	e.f.t.Helper()
	at := Ask[[2]float64](e, `e => { const r = e.getBoundingClientRect(); return [r.x + r.width/2, r.y + r.height/2] }`)
	if e.f.parent != nil {
		frame := &Element{f: e.f.parent, what: e.f.what, object: e.f.owner}
		corner := Ask[[2]float64](frame, `e => { const r = e.getBoundingClientRect(); return [r.x + e.clientLeft, r.y + e.clientTop] }`)
		at[0], at[1] = at[0]+corner[0], at[1]+corner[1]
	}
	return at
}

// Type clicks the element and types the text.
func (e *Element) Type(text string) {
	e.f.t.Helper()
	e.Click()
	e.f.Type(text)
}

// Type types the text wherever the keyboard writes in the frame's page. A
// character that no key has is inserted as an input method would do it.
func (f *Frame) Type(text string) {
	f.t.Helper()
	call(f, input.InsertText, input.InsertTextParams{Text: text})
}

// Press presses keys, one after the other: those of chromedp's package kb, and
// any character. They go where the page has its focus, in whichever frame.
func (f *Frame) Press(keys string) {
	f.t.Helper()
	ctx, cancel := f.page().guarded()
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.KeyEvent(keys)); err != nil {
		f.t.Fatalf("press %q in %s: %v", keys, f.what, err)
	}
}
