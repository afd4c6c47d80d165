package main

// dialect is how a client makes itself a member at one server. Behind it every
// client does the same.
type dialect struct {
	over     way
	path     string
	protocol string   // the WebSocket subprotocol, "" for none
	opcode   byte     // of what the client sends over a WebSocket
	hello    []string // what the client says first: each a frame, or a request
	ready    string   // in the server's answer when it is done; "" for at once
}

// way is what carries the messages of a server.
type way int

const (
	webSocket     way = iota
	events            // SignalR's server-sent events: one response that does not end
	polls             // SignalR's long polling: one response after another
	classicSocket     // a WebSocket of SignalR 2
)

// signalR is the dialect of clients of ASP.NET Core SignalR.
func signalR(over way, codec string) dialect {
	d := dialect{
		over: over, path: "/", opcode: opText, ready: "{}\x1e",
		hello: []string{`{"protocol":"` + codec + `","version":1}` + "\x1e"},
	}
	if codec != "json" {
		d.opcode = opBinary
	}
	return d
}

// classicSignalR is the dialect of clients of jQuery SignalR 2.
var classicSignalR = dialect{over: classicSocket, path: "/signalr", ready: `"S":1`}

var natsDialect = dialect{
	path: "/", opcode: opBinary, ready: "PONG\r\n",
	hello: []string{"CONNECT {\"verbose\":false,\"pedantic\":false,\"protocol\":1}\r\nSUB bench 1\r\nPING\r\n"},
}

var centrifugeDialect = dialect{
	path: "/", opcode: opText, ready: `"connect"`,
	hello: []string{`{"id":1,"connect":{}}`},
}
