package client

import "strings"

// Transport is a way to carry a connection. Values can be or-ed to a set.
type Transport uint8

// The transports, best first.
const (
	WebSockets       Transport = 1 << iota
	ServerSentEvents           // one endless answer to hear, a request each time to speak; text only
	LongPolling                // a request each time to hear, and one each time to speak
)

const everyTransport = WebSockets | ServerSentEvents | LongPolling

// transports are the names of one each, best first.
var transports = [...]struct {
	one    Transport
	name   string // in the answer to negotiate
	words  string // for people
	failed string // what there is not, when it cannot be opened
}{
	{WebSockets, "WebSockets", "WebSockets", "no WebSocket to the hub"},
	{ServerSentEvents, "ServerSentEvents", "server-sent events", "no server-sent events from the hub"},
	{LongPolling, "LongPolling", "long polling", "no long polling with the hub"},
}

// String is the transport in words, such as "server-sent events", those of a set
// with commas between them, or "none".
func (t Transport) String() string {
	var words []string
	for _, o := range transports {
		if t&o.one != 0 {
			words = append(words, o.words)
		}
	}
	if words == nil {
		return "none"
	}
	return strings.Join(words, ", ")
}

// best is the first of a set; zero if there is none.
func (t Transport) best() Transport {
	return t & -t
}

// failed says that the transport cannot be opened.
func (t Transport) failed() string {
	for _, o := range transports {
		if t == o.one {
			return o.failed
		}
	}
	return "no transport to the hub"
}

// transportNamed is the transport that an answer to negotiate calls name; zero
// for one that nobody knows here.
func transportNamed(name string) Transport {
	for _, o := range transports {
		if strings.EqualFold(name, o.name) {
			return o.one
		}
	}
	return 0
}
