// Command gateway is a gateway for the tests of gateway.mjs: it says what it was asked,
// and asks one room.
package main

import (
	"strconv"
	"syscall/js"
)

//go:wasmimport workers ready
func ready()

func main() {
	context := js.Global().Get("context")
	env := context.Get("env")
	context.Get("binding").Set("handleRequest", js.FuncOf(func(_ js.Value, args []js.Value) any {
		request := args[0]
		address := js.Global().Get("URL").New(request.Get("url"))
		rooms := env.Get("ROOMS")
		id := rooms.Call("idFromName", address.Get("searchParams").Call("get", "room"))
		switch address.Get("pathname").String() {
		case "/id":
			return reply(id.Call("toString").String(), nil)
		case "/ask":
			asked := map[string]any{"method": "POST", "body": "question"}
			return rooms.Call("get", id).Call("fetch", "https://room/negotiate", asked)
		case "/hubs/direct":
			return reply("", map[string]any{"Partline-Room": id.Call("toString").String() + ".given"})
		case "/panic":
			panic("told to")
		}
		return reply("asked for "+address.Get("pathname").String()+", upgrade "+strconv.FormatBool(request.Get("headers").Call("has", "Upgrade").Bool()), nil)
	}))
	ready()
	select {}
}

func reply(body string, headers map[string]any) js.Value {
	if headers == nil {
		headers = map[string]any{}
	}
	return js.Global().Get("Response").New(body, map[string]any{"headers": headers})
}
