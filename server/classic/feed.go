package classic

import (
	"partline.dev/server/hub"
)

// fetchLimit is about how many bytes of events one envelope holds.
const fetchLimit = 64 << 10

// feed is what a link has told its client, and finds what it has to say next. The
// connection's mutex protects it.
type feed struct {
	connection *connection
	position   uint64 // what came up to that number, the client has, or is being told
	groups     string // the groups token that it has
	tell       bool   // it has no cursor that means anything, and gets one at once
}

// news is what a link has to say.
type news struct {
	envelope
	events []*hub.Recent
	common bool // everybody who gets that one event gets the same bytes
}

// next takes what there is to say; ok is false if that is nothing.
func (f *feed) next() (n news, ok bool) {
	c := f.connection
	core := c.handler.core
	events, upTo, err := core.Fetch(f.position, fetchLimit, c.conns...)
	if err != nil {
		c.handler.options.Log.Debug("a client was too slow, and goes on from now", "connection", c.name, "error", err)
		f.tell = true
	}
	if token := c.groupsToken(f.groups != ""); token != f.groups {
		f.groups, n.groups = token, token
	}
	c.taken(events)
	n.events = events
	n.cursor = cursor{core.Epoch(), upTo}
	switch {
	case f.tell || n.groups != "":
	case len(events) == 1:
		n.common = true
		n.cursor.number = events[0].Number()
	case len(events) == 0:
		f.position = upTo
		return news{}, false
	}
	f.position, f.tell = upTo, false
	return n, true
}

// empty says nothing but how far the client was told.
func (f *feed) empty() news {
	return news{envelope: envelope{cursor: cursor{f.connection.handler.core.Epoch(), f.position}}}
}

// lastWord is what a client hears last over a link that ends with its connection;
// ok is false if that is nothing.
func (f *feed) lastWord(last *ending) (n news, ok bool) {
	n = f.empty()
	n.goAway, n.failure = last.comeBack, last.text
	return n, n.goAway || n.failure != ""
}

// The slots of [hub.Recent.Shared].
const (
	sharedFrame = iota // a WebSocket message
	sharedEvent        // a server-sent event
)

// framed is the news as an envelope that frame has framed. What is the same for
// everybody is made once.
func (n *news) framed(slot int, frame func(buf []byte) []byte) []byte {
	build := func() []byte {
		return frame(n.append(make([]byte, hub.Headroom, hub.Headroom+n.size())))
	}
	if n.common {
		return n.events[0].Shared(slot, build)
	}
	return build()
}

// append appends the envelope as JSON.
func (n *news) append(dst []byte) []byte {
	n.items = make([][]byte, len(n.events))
	for i, e := range n.events {
		n.items[i] = e.Item()
	}
	return n.envelope.append(dst)
}

// size is about how long the envelope is.
func (n *news) size() int {
	size := 80 + len(n.groups)
	for _, e := range n.events {
		size += len(e.Item()) + 1
	}
	return size
}
