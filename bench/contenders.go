package main

import (
	"fmt"
	"strings"
)

// contender is a server that is measured. It runs in a process of its own, and
// its publisher with it.
type contender interface {
	// Listen serves on a free port of the loopback and gives its host:port.
	Listen() (addr string, err error)

	// Members is how many clients a publication would reach.
	Members() int

	// Publish sends the message of that stamp to every member.
	Publish(stamp int64) error

	// Close ends what Listen began.
	Close() error
}

// entry is a row of the report: a server, and the way in which its clients speak
// to it.
type entry struct {
	name    string
	make    func() contender
	dialect dialect
}

// contenders are all there are. What is compared with comes first.
var contenders = []entry{
	{ceilingName, newCeiling, dialect{path: "/"}},
	{"partline-ws-json", newPartline, signalR(webSocket, "json")},
	{"partline-ws-msgpack", newPartline, signalR(webSocket, "messagepack")},
	{"partline-sse-json", newPartline, signalR(events, "json")},
	{"partline-lp-json", newPartline, signalR(polls, "json")},
	{"partline-lp-msgpack", newPartline, signalR(polls, "messagepack")},
	{"partline-classic-ws", newPartlineClassic, classicSignalR},
	{"nats-websocket", newNATS, natsDialect},
	{"centrifuge", newCentrifuge, centrifugeDialect},
	{"philippseith-ws-json", newPhilippseith, signalR(webSocket, "json")},
	{"philippseith-ws-msgpack", newPhilippseith, signalR(webSocket, "messagepack")},
}

// contenderNames are the names of the contenders, in their order.
func contenderNames() []string {
	var names []string
	for _, e := range contenders {
		names = append(names, e.name)
	}
	return names
}

// find returns the contender of that name.
func find(name string) (entry, error) {
	for _, e := range contenders {
		if e.name == name {
			return e, nil
		}
	}
	return entry{}, fmt.Errorf("there is no server %q, but %s", name, strings.Join(contenderNames(), ", "))
}
