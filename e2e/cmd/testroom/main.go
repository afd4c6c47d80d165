//go:build js && wasm

// Command testroom is the program of a room that has, beside the built-in hubs, those of
// package testhubs, for tests: the build of partline-room with another main.
package main

import (
	"partline.dev/e2e/testhubs"
	"partline.dev/server/chat"
	"partline.dev/server/connected"
	"partline.dev/server/edge/room"
	"partline.dev/server/history"
	"partline.dev/server/hub"
)

func main() {
	room.Main(room.Options{Hubs: func(h history.Log) []*hub.Mux {
		return []*hub.Mux{
			connected.New(), chat.New(h),
			testhubs.New(), testhubs.NewAuthorized(), testhubs.NewRefusing(), testhubs.NewFailing(),
		}
	}})
}
