// Package peerchat is the contract of a chat between peers, the hub of two living
// examples, a page of ASP.NET Core SignalR and one of SignalR 2: what one says,
// and that one is typing, all others hear, at whichever page they are.
//
// Its names and the order of its arguments are those that existing pages call; a
// sender says of itself who it is, as it does there.
package peerchat

import "partline.dev/shared/contract"

// Hub is the hub. Pages of ASP.NET Core SignalR expect it at /chat, and those of
// SignalR 2 know it as chatHub.
var Hub = contract.NewHub("peer-chat", contract.ClassicName("chatHub"))

// Message is a line. SenderID and SenderName are what the sender says of itself,
// and no identity.
type Message struct{ SenderID, SenderName, Text string }

// Typing says that somebody has begun to write.
type Typing struct{ SenderID, SenderName string }

// The methods and events of the hub.
var (
	SendMethod       = contract.NewMethod[Message, contract.None](Hub, "Send")
	SendTypingMethod = contract.NewMethod[Typing, contract.None](Hub, "SendTyping")
	BroadcastMessage = contract.NewEvent[Message](Hub, "broadcastMessage")
	TypingEvent      = contract.NewEvent[Typing](Hub, "typing")
	API              = contract.NewAPI(Hub, SendMethod, SendTypingMethod, BroadcastMessage, TypingEvent)
)
