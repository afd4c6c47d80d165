//go:build js && wasm

package room

import (
	"errors"
	"fmt"
	"syscall/js"
	"unsafe"
)

// object is the Durable Object as room.mjs hands it over.
type object struct {
	host js.Value
	id   string
}

func (o *object) ID() string { return o.id }

// now is Date.now. Every event asks for it several times, and a call by name costs much.
//
//go:wasmimport partline now
func now() float64

func (o *object) Now() int64 { return int64(now()) }

// send is room.mjs's: it reads both slices where they are.
//
//go:wasmimport partline send
func send(sockets unsafe.Pointer, n int32, binary int32, message unsafe.Pointer, length int32)

func (o *object) Send(sockets []int32, binary bool, message []byte) {
	kind := int32(0)
	if binary {
		kind = 1
	}
	send(unsafe.Pointer(unsafe.SliceData(sockets)), int32(len(sockets)), kind, unsafe.Pointer(unsafe.SliceData(message)), int32(len(message)))
}

func (o *object) Close(socket int32, code int, text string) {
	o.host.Call("close", socket, code, text)
}

func (o *object) Attach(socket int32, state []byte) error {
	return said(o.host.Call("attach", socket, bytesToJS(state)))
}

func (o *object) Alarm(at int64) error { return said(o.host.Call("alarm", float64(at))) }

func (o *object) Soon() { o.host.Call("soon") }

func (o *object) Storage() Storage { return storage{o.host} }

// storage is the object's storage as room.mjs hands it over.
type storage struct{ host js.Value }

func (s storage) Get(key string) ([]byte, error) {
	value := s.host.Call("get", key)
	switch value.Type() {
	case js.TypeNull, js.TypeUndefined:
		return nil, nil
	case js.TypeString:
		return nil, said(value)
	}
	return bytesFromJS(value), nil
}

func (s storage) Put(key string, value []byte) error {
	return said(s.host.Call("put", key, bytesToJS(value)))
}

func (s storage) Delete(key string) error { return said(s.host.Call("delete", key)) }

func (s storage) List(first, end string, limit int, each func(key string, value []byte) bool) error {
	list := s.host.Call("list", first, end, limit)
	if list.Type() == js.TypeString {
		return said(list)
	}
	for i := 0; i+1 < list.Length(); i += 2 {
		if !each(list.Index(i).String(), bytesFromJS(list.Index(i+1))) {
			return nil
		}
	}
	return nil
}

// said is what room.mjs says of a call: nothing, "full", or what went wrong.
func said(v js.Value) error {
	if v.Type() != js.TypeString {
		return nil
	}
	switch text := v.String(); text {
	case "":
		return nil
	case "full":
		return ErrStorageFull
	default:
		return fmt.Errorf("the object: %w", errors.New(text))
	}
}

var uint8Array = js.Global().Get("Uint8Array")

func bytesToJS(b []byte) js.Value {
	array := uint8Array.New(len(b))
	js.CopyBytesToJS(array, b)
	return array
}

func bytesFromJS(v js.Value) []byte {
	b := make([]byte, v.Length())
	js.CopyBytesToGo(b, v)
	return b
}
