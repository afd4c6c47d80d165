package main

// dialect is how a client makes itself a member at one server. Behind it every
// client does the same.
type dialect struct {
	path     string
	protocol string   // the WebSocket subprotocol, "" for none
	opcode   byte     // of what the client sends
	hello    []string // each a frame, once the WebSocket is open
	ready    string   // in the server's answer when it is done; "" for at once
}

var dialects = map[string]dialect{
	ceilingName: {path: "/"},
	partlineName: {
		path: "/", opcode: opText, ready: "{}\x1e",
		hello: []string{"{\"protocol\":\"json\",\"version\":1}\x1e"},
	},
	"nats-websocket": {
		path: "/", opcode: opBinary, ready: "PONG\r\n",
		hello: []string{"CONNECT {\"verbose\":false,\"pedantic\":false,\"protocol\":1}\r\nSUB bench 1\r\nPING\r\n"},
	},
	"centrifuge": {
		path: "/", opcode: opText, ready: `"connect"`,
		hello: []string{`{"id":1,"connect":{}}`},
	},
}
