//go:build js && wasm

// Command room is the program of the Worker partline-room: the built-in hubs of one
// place. A room of other hubs is a main like this one.
package main

import (
	"partline.dev/server/chat"
	"partline.dev/server/connected"
	"partline.dev/server/edge/room"
	"partline.dev/server/history"
	"partline.dev/server/hub"
)

func main() {
	room.Main(room.Options{Hubs: func(h history.Log) []*hub.Mux {
		return []*hub.Mux{connected.New(), chat.New(h)}
	}})
}
