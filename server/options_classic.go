package server

import (
	"errors"
	"fmt"
	"time"
)

// ClassicOptions are the times and limits of clients of jQuery SignalR 2. The zero
// value is the defaults, which are those of ASP.NET SignalR.
type ClassicOptions struct {
	// MessageLimit is the longest message such a client may send, in bytes, at
	// most 1 MiB. Zero: 64 KiB.
	MessageLimit int

	// DisconnectTimeout is how long a client that lost its link may take to come
	// back; it is told so when it negotiates. At least 6 s. Zero: 30 s.
	DisconnectTimeout time.Duration

	// KeepAlive is how often a link that has nothing to say shows that it is
	// there; a client that misses two gives its link up. At least 2 s, and at
	// most a third of DisconnectTimeout. Zero: a third of it.
	KeepAlive time.Duration

	// PollTimeout is how long a poll waits for something to say. Zero: 110 s.
	PollTimeout time.Duration

	// ReplayMessages is how many events of each room are kept for those who come
	// back: of everybody on a hub, of a group, a user and a connection. Only
	// rooms in which such a client is, or was 100 s ago, keep any. Zero: 1,000.
	ReplayMessages int

	// ReplayBytes is how many bytes all rooms keep together. The oldest events
	// go first. Zero: 64 MiB.
	ReplayBytes int
}

// withDefaults are o and its default times, or what is wrong with these.
func (o ClassicOptions) withDefaults() (ClassicOptions, error) {
	const shortest = 6 * time.Second
	if o.DisconnectTimeout == 0 {
		o.DisconnectTimeout = 30 * time.Second
	}
	if o.KeepAlive == 0 {
		o.KeepAlive = o.DisconnectTimeout / 3
	}
	if o.PollTimeout == 0 {
		o.PollTimeout = 110 * time.Second
	}
	if o.MessageLimit == 0 {
		o.MessageLimit = 64 << 10
	}
	switch {
	case o.DisconnectTimeout < shortest || o.DisconnectTimeout > time.Hour:
		return o, fmt.Errorf("--classic-disconnect-timeout is %s; it must be from %s to %s: clients look every few seconds, and what waits is kept", o.DisconnectTimeout, shortest, time.Hour)
	case o.KeepAlive < 2*time.Second || o.KeepAlive > o.DisconnectTimeout/3:
		return o, errors.New("ClassicOptions.KeepAlive must be at least 2s, and at most a third of DisconnectTimeout")
	case o.PollTimeout < 0:
		return o, errors.New("ClassicOptions.PollTimeout is negative; a time is more than nothing, or 0 for its default")
	}
	return o, nil
}
