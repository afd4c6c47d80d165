//go:build js && wasm

package main

import (
	"context"
	"fmt"
	"syscall/js"
)

// call calls a method that gives a promise, and waits for it.
func call(ctx context.Context, of js.Value, method string, args ...any) (js.Value, error) {
	if of.IsUndefined() {
		return js.Value{}, fmt.Errorf("there is nothing to call %s of", method)
	}
	promise, err := try(func() js.Value { return of.Call(method, args...) })
	if err != nil {
		return js.Value{}, err
	}
	return await(ctx, promise)
}

// fetch is the global function. It is called on nothing: what Go takes for the global
// object is a proxy of the script's, on which it does not work.
func fetch(ctx context.Context, args ...any) (js.Value, error) {
	promise, err := try(func() js.Value { return js.Global().Get("fetch").Invoke(args...) })
	if err != nil {
		return js.Value{}, err
	}
	return await(ctx, promise)
}

// body is the body of a response.
func body(ctx context.Context, response js.Value) ([]byte, error) {
	buffer, err := call(ctx, response, "arrayBuffer")
	if err != nil {
		return nil, err
	}
	array := js.Global().Get("Uint8Array").New(buffer)
	content := make([]byte, array.Length())
	js.CopyBytesToGo(content, array)
	return content, nil
}

// await waits for a promise.
func await(ctx context.Context, promise js.Value) (js.Value, error) {
	type outcome struct {
		value js.Value
		err   error
	}
	settled := make(chan outcome, 1)
	fulfilled := js.FuncOf(func(_ js.Value, args []js.Value) any {
		settled <- outcome{value: args[0]}
		return nil
	})
	rejected := js.FuncOf(func(_ js.Value, args []js.Value) any {
		settled <- outcome{err: js.Error{Value: args[0]}}
		return nil
	})
	// Also if ctx ends before: the program begins anew with the next request.
	promise.Call("then", fulfilled, rejected)
	select {
	case o := <-settled:
		fulfilled.Release()
		rejected.Release()
		return o.value, o.err
	case <-ctx.Done():
		return js.Value{}, ctx.Err()
	}
}

// try calls JavaScript that may throw.
func try(f func() js.Value) (value js.Value, err error) {
	defer func() {
		if failure := recover(); failure != nil {
			thrown, ok := failure.(error)
			if !ok {
				panic(failure)
			}
			err = thrown
		}
	}()
	return f(), nil
}
