// An event is handled as if clients could call it.
package main

import (
	"partline.dev/server/hub"
	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
)

func main() {}

func server(m *hub.Mux) {
	hub.Handle(m, connected.BroadcastMessage, hear) // ERROR "type contract.Event[connected.Broadcast] of connected.BroadcastMessage does not match contract.Method[Req, Res]"
}

func hear(x *hub.Context, b connected.Broadcast) (contract.None, error) {
	return contract.None{}, nil
}
