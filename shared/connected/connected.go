// Package connected is the contract of the connected parts: what one part says,
// every part in scope hears. It is the hub of the "Connected Part - One" and
// "Connected Part - Two" sample.
package connected

import "partline.dev/shared/contract"

// Hub is the hub at /hubs/connected. Classic pages know it as chatHub.
var Hub = contract.NewHub("connected", contract.ClassicName("chatHub"))

// Send is what a part says. Name is the part's own label, not an identity.
type Send struct{ Name, Message string }

// Broadcast is what every part in scope hears.
type Broadcast struct{ Name, Message string }

// The methods and events of the hub.
var (
	SendMethod       = contract.NewMethod[Send, contract.None](Hub, "Send")
	BroadcastMessage = contract.NewEvent[Broadcast](Hub, "broadcastMessage")
	API              = contract.NewAPI(Hub, SendMethod, BroadcastMessage)
)
