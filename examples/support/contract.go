// Package support is the hub of docs/from-csharp.md: a support desk, written as a
// team would that brings its hub from C#.
package support

import "partline.dev/shared/contract"

// What travels: the fields are the arguments, in this order.
type (
	// Line is what somebody says.
	Line struct{ Room, Text string }
	// Said is what everybody in the room hears.
	Said struct{ Room, From, Text string }
	// Room names a room.
	Room struct{ Name string }
	// Who names a user.
	Who struct{ User string }
	// Seconds is where a countdown begins.
	Seconds struct{ From int }
	// Log is a stream of lines from the client.
	Log struct{ Lines contract.Upload[string] }
	// Asking is a question for one connection.
	Asking struct{ ConnectionID, Question string }
	// Question is what that connection is asked.
	Question struct{ Text string }
)

// The hub is at /hubs/support.
var (
	Hub = contract.NewHub("support")

	Say         = contract.NewMethod[Line, contract.None](Hub, "Say")
	Join        = contract.NewMethod[Room, contract.None](Hub, "Join")
	Leave       = contract.NewMethod[Room, contract.None](Hub, "Leave")
	CloseRoom   = contract.NewMethod[Room, contract.None](Hub, "CloseRoom")
	Attach      = contract.NewMethod[Log, int](Hub, "Attach")
	AskCustomer = contract.NewMethod[Asking, bool](Hub, "AskCustomer")
	Countdown   = contract.NewStream[Seconds, int](Hub, "Countdown")

	Message = contract.NewEvent[Said](Hub, "message")
	Came    = contract.NewEvent[Who](Hub, "came")
	Left    = contract.NewEvent[Who](Hub, "left")
	Closed  = contract.NewEvent[Room](Hub, "closed")

	Confirm = contract.NewQuery[Question, bool](Hub, "confirm")

	API = contract.NewAPI(Hub, Say, Join, Leave, CloseRoom, Attach, AskCustomer, Countdown,
		Message, Came, Left, Closed, Confirm)
)
