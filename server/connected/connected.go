// Package connected is the server half of the connected parts: what one part
// says, every part in the same scope hears, the speaker too. Who is known to the
// server is named as the author, beside what the part calls itself.
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
	s.Name = x.Author(s.Name)
	return contract.None{}, hub.Publish(x, x.Scope(), connected.BroadcastMessage, connected.Broadcast(s))
}
