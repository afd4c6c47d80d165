package client

import "context"

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

	// Close ends the link. Read and Write end, what they have not done yet is
	// lost. Where the hub has to be told it waits for that, at most 5 s. Calls
	// after the first do nothing, but wait as well.
	Close()
}

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
