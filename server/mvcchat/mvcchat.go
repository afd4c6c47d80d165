// Package mvcchat is the server half of a chat in which everybody hears
// everybody, after the hub that comes with existing pages of ASP.NET MVC.
//
//	server.Options{Mounts: []server.Mount{{Path: "/mvc/signalr", Hubs: []*hub.Mux{mvcchat.New()}}}}
//
// The hub keeps no state, so nothing here needs a lock, and nothing blocks.
package mvcchat

import (
	"partline.dev/server/hub"
	"partline.dev/shared/contract"
	"partline.dev/shared/mvcchat"
)

// New returns the hub, ready to be mounted.
func New() *hub.Mux {
	m := hub.New(mvcchat.API)
	hub.Handle(m, mvcchat.SendMethod, send)
	return m
}

func send(x *hub.Context, s mvcchat.Send) (contract.None, error) {
	return contract.None{}, hub.Publish(x, x.All(), mvcchat.AddNewMessageToPage, mvcchat.NewMessage(s))
}
