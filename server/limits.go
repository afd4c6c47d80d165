package server

import "fmt"

// checkLimits says which limit is out of its bounds. Zero is each one's default.
func (o *Options) checkLimits() error {
	for _, l := range []struct {
		flag    string
		is      int
		highest int
		why     string
	}{
		{"--message-limit", o.MessageLimit, 1 << 20, "a longer message would hold the others up"},
		{"--send-queue-limit", o.SendQueueLimit, 1 << 30, "it is of each connection"},
		{"--handshakes-per-address", o.HandshakesPerAddress, 1 << 20, ""},
		{"--parallel-invocations", o.ParallelInvocations, 1 << 10, "it is of each connection"},
		{"--stream-limit", o.StreamLimit, 1 << 16, "it is of each connection"},
		{"--stream-buffer", o.StreamBuffer, 1 << 16, "it is of each stream"},
		{"--replay-limit", o.ReplayLimit, 1 << 30, "it is of each connection"},
		{"--connection-limit", o.ConnectionLimit, 1 << 24, ""},
		{"--connections-per-address", o.ConnectionsPerAddress, 1 << 24, ""},
		{"--negotiate-rate", o.NegotiateRate, 1 << 20, ""},
		{"--negotiate-burst", o.NegotiateBurst, 1 << 20, ""},
		{"--poll-limit", o.PollLimit, 1 << 24, ""},
		{"--post-limit", o.PostLimit, 1 << 30, ""},
		{"--history-bytes", o.HistoryBytes, 1 << 40, ""},
		{"--history-messages", o.HistoryMessages, 1 << 24, "they are kept of each room"},
		{"--classic-message-limit", o.Classic.MessageLimit, 1 << 20, "a longer message would hold the others up"},
		{"--classic-replay-messages", o.Classic.ReplayMessages, 1 << 20, "they are kept of each room"},
		{"--classic-replay-bytes", o.Classic.ReplayBytes, 1 << 40, ""},
	} {
		switch {
		case l.is < 0:
			return fmt.Errorf("%s is %d; it must be 1 or more, or 0 for its default", l.flag, l.is)
		case l.is > l.highest && l.why != "":
			return fmt.Errorf("%s is %d; it must be at most %d: %s", l.flag, l.is, l.highest, l.why)
		case l.is > l.highest:
			return fmt.Errorf("%s is %d; it must be at most %d", l.flag, l.is, l.highest)
		}
	}
	for _, t := range []struct {
		flag string
		is   int64
	}{
		{"--handshake-timeout", int64(o.HandshakeTimeout)},
		{"--drain-timeout", int64(o.DrainTimeout)},
	} {
		if t.is < 0 {
			return fmt.Errorf("%s is negative; a time is more than nothing, or 0 for its default", t.flag)
		}
	}
	return nil
}
