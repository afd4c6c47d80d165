package main

import (
	"time"

	"partline.dev/server"
)

// limitFlags are the limits of what clients may ask for. Zero is each one's
// default.
type limitFlags struct {
	MessageLimit          int           `help:"The longest hub message a client may send, in bytes, up to 1 MiB." default:"32768"`
	SendQueueLimit        int           `help:"How many bytes may wait for one connection before it is closed." default:"1048576"`
	ParallelInvocations   int           `help:"How many methods one connection may run at once; at 1 they run in order." default:"1"`
	StreamLimit           int           `help:"How many streams one connection may have open." default:"100"`
	StreamBuffer          int           `help:"How many items of an upload may wait for its handler before the client is read more slowly." default:"10"`
	ReplayLimit           int           `help:"How many bytes are kept for a client that asked for stateful reconnect until it has acknowledged them." default:"100000"`
	ConnectionLimit       int           `help:"How many connections may be open." default:"65536"`
	ConnectionsPerAddress int           `help:"How many of them may be of one address. Default: half of them." placeholder:"N"`
	NegotiateRate         int           `help:"How many connections one address may ask for each second." default:"200"`
	NegotiateBurst        int           `help:"How many it may ask for at once after a pause." default:"4096"`
	PollLimit             int           `help:"How many long polls may wait at once." default:"16384"`
	PostLimit             int           `help:"The longest body of a request by which a client sends, in bytes." default:"30000000"`
	HandshakeTimeout      time.Duration `help:"How long a new connection may take to say what it speaks." default:"15s"`
	HandshakesPerAddress  int           `help:"How many connections of one address may be that far." default:"64"`

	HistoryBytes    int `help:"How many bytes the hub chat keeps of what was posted, in memory and in all rooms together; the oldest messages go first, and none outlives the process." default:"67108864"`
	HistoryMessages int `help:"How many messages it keeps of each room." default:"10000"`

	ClassicMessageLimit      int           `help:"The longest message a jQuery SignalR 2 client may send, in bytes, up to 1 MiB." default:"65536"`
	ClassicDisconnectTimeout time.Duration `help:"How long such a client may take to come back to its connection." default:"30s"`
	ClassicReplayMessages    int           `help:"How many events of each room (a hub, a group, a user, a connection) are kept for such clients that come back." default:"1000"`
	ClassicReplayBytes       int           `help:"How many bytes all rooms keep together; the oldest events go first." default:"67108864"`
}

func (f *limitFlags) set(o *server.Options) {
	o.MessageLimit = f.MessageLimit
	o.SendQueueLimit = f.SendQueueLimit
	o.ParallelInvocations = f.ParallelInvocations
	o.StreamLimit = f.StreamLimit
	o.StreamBuffer = f.StreamBuffer
	o.ReplayLimit = f.ReplayLimit
	o.ConnectionLimit = f.ConnectionLimit
	o.ConnectionsPerAddress = f.ConnectionsPerAddress
	o.NegotiateRate = f.NegotiateRate
	o.NegotiateBurst = f.NegotiateBurst
	o.PollLimit = f.PollLimit
	o.PostLimit = f.PostLimit
	o.HandshakeTimeout = f.HandshakeTimeout
	o.HandshakesPerAddress = f.HandshakesPerAddress
	o.HistoryBytes = f.HistoryBytes
	o.HistoryMessages = f.HistoryMessages
	o.Classic = server.ClassicOptions{
		MessageLimit:      f.ClassicMessageLimit,
		DisconnectTimeout: f.ClassicDisconnectTimeout,
		ReplayMessages:    f.ClassicReplayMessages,
		ReplayBytes:       f.ClassicReplayBytes,
	}
}
