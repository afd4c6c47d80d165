package transport

import (
	"strings"
	"time"
)

// Some proxies keep a reply back until a buffer is full, whatever its headers ask
// for, and a stream of events would never get through. A client gives that away:
// when its stream opens it sends its handshake at once, and SignalR's JavaScript
// client sends a ping when that was answered. One that is silent gets a comment
// that fills the buffer; if that makes it speak, all its events are followed by
// one.
const (
	answerTime = time.Second // within which a client answers what has reached it
	proofTime  = time.Second // likewise, of one that seemed to have to wait
)

// padding is a comment, which clients skip, as long as a proxy's buffer: whatever
// was written before it leaves the buffer.
var padding = []byte(":" + strings.Repeat(" ", 4<<10-3) + "\r\n")

// buffering finds out whether a proxy keeps back what a stream's client waits for.
// The stream's goroutine owns it.
type buffering struct {
	timer   *time.Timer
	heard   int64 // bodies that the client had sent when the time began
	padded  bool  // a comment was sent, and the client has proofTime to speak
	certain bool  // everything is followed by a comment
}

// await gives the client its time to answer what is written now.
func (b *buffering) await(heard int64) {
	if b.certain {
		return
	}
	b.heard, b.padded = heard, false
	if b.timer == nil {
		b.timer = time.NewTimer(answerTime)
	} else {
		b.timer.Reset(answerTime)
	}
}

// due is the end of such a time. It reports whether a comment is to be written.
func (b *buffering) due(heard int64) bool {
	switch spoke := heard != b.heard; {
	case b.padded:
		b.certain = spoke
		return spoke
	case spoke:
		return false
	}
	b.padded = true
	b.timer.Reset(proofTime)
	return true
}
