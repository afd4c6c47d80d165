package client

import (
	"strconv"
	"syscall/js"
	"time"
)

// recall is what remember has kept under key: the zero time if there is nothing,
// or the browser keeps nothing.
func recall(key string) time.Time {
	kept := store("getItem", key)
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
	if until.IsZero() {
		store("removeItem", key)
		return
	}
	store("setItem", key, strconv.FormatInt(until.UnixMilli(), 10))
}

// store calls a method of the tab's storage. A browser that refuses storage
// throws as soon as it is looked at, which only a call survives.
func store(method string, args ...any) (result js.Value) {
	defer func() { _ = recover() }() // then nothing is kept
	storage := js.Global().Get("Reflect").Call("get", js.Global(), "sessionStorage")
	return storage.Call(method, args...)
}
