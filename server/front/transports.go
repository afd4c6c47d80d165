package front

import (
	"encoding/json"
	"strings"
)

// Transports is a set of the ways in which a client may connect. The zero value
// stands for all of them.
type Transports uint8

// The transports. A client tries those that it is offered in this order.
const (
	WebSockets Transports = 1 << iota
	ServerSentEvents
	LongPolling

	allTransports = WebSockets | ServerSentEvents | LongPolling
)

// transportNames are SignalR's, with the formats that each can carry.
var transportNames = []struct {
	transport     Transports
	name, formats string
}{
	{WebSockets, "WebSockets", `"Text","Binary"`},
	{ServerSentEvents, "ServerSentEvents", `"Text"`},
	{LongPolling, "LongPolling", `"Text","Binary"`},
}

// OrAll is t, or all if t is empty.
func (t Transports) OrAll() Transports {
	if t == 0 {
		return allTransports
	}
	return t
}

// String lists the names of the transports, as "WebSockets, LongPolling".
func (t Transports) String() string {
	var names []string
	for _, n := range transportNames {
		if t.OrAll()&n.transport != 0 {
			names = append(names, n.name)
		}
	}
	return strings.Join(names, ", ")
}

// List are the transports of the set, each by itself, in the order in which clients
// try them.
func (t Transports) List() (list []Transports) {
	for _, n := range transportNames {
		if t.OrAll()&n.transport != 0 {
			list = append(list, n.transport)
		}
	}
	return list
}

// Available is what a negotiation says of the transports of the set.
func (t Transports) Available() json.RawMessage {
	var entries []string
	for _, n := range transportNames {
		if t&n.transport != 0 {
			entries = append(entries, `{"transport":"`+n.name+`","transferFormats":[`+n.formats+`]}`)
		}
	}
	return json.RawMessage("[" + strings.Join(entries, ",") + "]")
}
