// Package mvcchat is the contract of a chat in which everybody hears everybody,
// the speaker too: the hub of the living example of a page from an ASP.NET MVC
// application.
//
// Its names and the order of its arguments are those that existing pages call; a
// sender says of itself who it is, as it does there.
package mvcchat

import "partline.dev/shared/contract"

// Hub is the hub. Pages of SignalR 2 know it as chatHub.
var Hub = contract.NewHub("mvc-chat", contract.ClassicName("chatHub"))

// Send is a line. Name is what the sender says of itself, and no identity.
type Send struct{ Name, Message string }

// NewMessage is a line that a page adds to those it shows.
type NewMessage struct{ Name, Message string }

// The methods and events of the hub.
var (
	SendMethod          = contract.NewMethod[Send, contract.None](Hub, "Send")
	AddNewMessageToPage = contract.NewEvent[NewMessage](Hub, "addNewMessageToPage")
	API                 = contract.NewAPI(Hub, SendMethod, AddNewMessageToPage)
)
