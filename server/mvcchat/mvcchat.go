// Package mvcchat is the server half of a chat in which everybody in the same
// scope hears everybody, after the hub that comes with existing pages of ASP.NET MVC.
// Who is known to the server is named as the author, beside what the page calls it.
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
	s.Name = x.Author(s.Name)
	return contract.None{}, hub.Publish(x, x.Scope(), mvcchat.AddNewMessageToPage, mvcchat.NewMessage(s))
}
