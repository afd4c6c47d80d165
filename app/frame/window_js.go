package frame

import "syscall/js"

// script is what frame.js has made.
func script() js.Value { return js.Global().Get("partlineFrame") }

// window is the part's window. It carries messages; those to it came from windows
// that frame.js has found to be of this page and origin.
type window struct{ heard, stored js.Func }

func (w *window) open(p *Page) {
	w.heard = js.FuncOf(func(_ js.Value, args []js.Value) any {
		p.hear(message{
			claim:   claim{args[0].String(), int64(args[1].Float())},
			session: args[2].String(),
		}, args[3])
		return nil
	})
	w.stored = js.FuncOf(func(js.Value, []js.Value) any {
		p.stored()
		return nil
	})
	script().Set("heard", w.heard)
	script().Set("stored", w.stored)
}

func (w *window) close() {
	script().Set("heard", nil)
	script().Set("stored", nil)
	w.heard.Release()
	w.stored.Release()
}

func (w *window) newIDs() (own claim, spare string) {
	s := script()
	return claim{s.Get("page").String(), int64(s.Get("born").Float())}, s.Call("newID").String()
}

func (w *window) say(kind string, m message, to any) {
	script().Call("say", kind, m.claim.page, float64(m.claim.born), m.session, to)
}

// Refused tells whether the browser keeps nothing for the part.
func (s Store) Refused() bool {
	return js.Global().Get("partlineRefused").Call("includes", string(s)).Bool()
}

// Get is the text under key. Empty: there is none.
func (s Store) Get(key string) string { return script().Call("recall", string(s), key).String() }

// Set keeps text under key, and forgets what was there if text is empty. What does
// not fit is not kept.
func (s Store) Set(key, text string) { script().Call("remember", string(s), key, text) }

// Rewrite puts another address of the same page in the place of the one that is
// shown, and a mark beside it, which is there when the address is loaded again.
func Rewrite(address, mark string) { script().Call("rewrite", address, mark) }

// Mark is the mark that an earlier load of the address has left. Empty: none has.
func Mark() string { return script().Call("mark").String() }
