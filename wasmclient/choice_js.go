package client

import (
	"strconv"
	"syscall/js"
	"time"
)

// recall is what remember has kept under key: the zero time if there is nothing,
// or the browser keeps nothing.
func recall(key string) (until time.Time) {
	defer func() { _ = recover() }() // a browser may refuse to keep anything
	kept := js.Global().Get("sessionStorage").Call("getItem", key)
	if kept.Type() != js.TypeString {
		return time.Time{}
	}
	ms, err := strconv.ParseInt(kept.String(), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// remember keeps a time for the other clients of this tab, also in its frames
// and after it was loaded anew. The zero time is none.
func remember(key string, until time.Time) {
	defer func() { _ = recover() }()
	storage := js.Global().Get("sessionStorage")
	if until.IsZero() {
		storage.Call("removeItem", key)
		return
	}
	storage.Call("setItem", key, strconv.FormatInt(until.UnixMilli(), 10))
}
