// Package peerchat is the server half of a chat between peers, after the hub that
// comes with existing pages: what one says, all others in the same scope hear, and
// the sender does not. Who is known to the server is named as the sender, beside what
// the page calls it.
//
//	server.Options{Mounts: []server.Mount{{Path: "/chat", Hubs: []*hub.Mux{peerchat.New()}}}}
//
// The hub keeps no state, so nothing here needs a lock, and nothing blocks.
package peerchat

import (
	"partline.dev/server/hub"
	"partline.dev/shared/contract"
	"partline.dev/shared/peerchat"
)

// New returns the hub, ready to be mounted.
func New() *hub.Mux {
	m := hub.New(peerchat.API)
	hub.Handle(m, peerchat.SendMethod, send)
	hub.Handle(m, peerchat.SendTypingMethod, sendTyping)
	return m
}

func send(x *hub.Context, said peerchat.Message) (contract.None, error) {
	said.SenderName = x.Author(said.SenderName)
	return contract.None{}, hub.Publish(x, x.OthersInScope(), peerchat.BroadcastMessage, said)
}

func sendTyping(x *hub.Context, who peerchat.Typing) (contract.None, error) {
	who.SenderName = x.Author(who.SenderName)
	return contract.None{}, hub.Publish(x, x.OthersInScope(), peerchat.TypingEvent, who)
}
