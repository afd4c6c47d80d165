// Package connected is the server half of the connected parts: what one part
// says, every part connected to the hub hears, the speaker too.
//
//	core.Mount(connected.New())
//
// The hub keeps no state, so nothing here needs a lock, and nothing blocks.
package connected

import (
	"partline.dev/server/hub"
	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
)

// New returns the hub, ready to be mounted.
func New() *hub.Mux {
	m := hub.New(connected.API)
	hub.Handle(m, connected.SendMethod, send)
	return m
}

func send(x *hub.Context, s connected.Send) (contract.None, error) {
	return contract.None{}, hub.Publish(x, x.All(), connected.BroadcastMessage, connected.Broadcast(s))
}
