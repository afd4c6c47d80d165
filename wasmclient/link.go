package client

import (
	"context"
	"net/url"
)

// link carries the bytes of one connection: what a transport is to the client.
// Read and Write have one caller each; Close may be called from anywhere.
type link interface {
	// Read reads a piece of what the hub sends, wherever its messages begin
	// and end. It blocks until there is something; then, or never, n > 0. Once
	// it has given an error it gives no more bytes.
	Read(p []byte) (n int, err error)

	// Write sends p, which is whole hub messages, and does not keep it. It
	// blocks as long as the hub takes nothing.
	Write(p []byte) error

	// Close ends the link at once. Read and Write end, what they have not
	// done yet is lost. Calls after the first do nothing.
	Close()
}

// carrier is what a platform has to reach a hub with.
type carrier interface {
	// Post makes a POST request without a body.
	Post(ctx context.Context, to *url.URL, token string) (*reply, error)

	// Dial opens a WebSocket. Ctx ends only the attempt.
	Dial(ctx context.Context, to *url.URL, token string) (link, error)

	// Close lets go of what was kept for later requests.
	Close()
}

// reply is the answer to a Post.
type reply struct {
	code int    // of HTTP
	text string // what the body says, if it is plain text
	body []byte // at most maxReply+1 bytes
}

// maxReply is the longest answer to negotiate that is looked at. Hubs send less
// than 1 KiB, and their redirects carry tokens of a few.
const maxReply = 64 << 10

// closeWhenDone closes l when ctx ends. What it returns is to be called before
// the link is somebody else's; it waits for a Close that has begun.
func closeWhenDone(ctx context.Context, l link) (stop func()) {
	closed := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		defer close(closed)
		l.Close()
	})
	return func() {
		if !cancel() {
			<-closed
		}
	}
}
