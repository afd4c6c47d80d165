package gateway

import (
	"context"
	"net/http"
)

// Platform is what the gateway needs of where it runs. Its methods may be called from
// any goroutine, and take as long as the context allows. Their errors go to the log.
type Platform interface {
	// File is a file of those that were rendered before, by its path without a slash
	// before it, as an [Index] names it.
	File(ctx context.Context, name string) ([]byte, error)

	// Post sends body, which is JSON, to the Durable Object of that name at path, and
	// gives its answer.
	Post(ctx context.Context, object, path string, body []byte) (status int, answer []byte, err error)

	// Allow tells whether that client address may negotiate once more, and counts
	// that.
	Allow(ctx context.Context, address string) (bool, error)

	// Forward answers w as the server answers r, whose URL is there: with its status,
	// its headers and its body, while they come. No redirect is followed. The error
	// says that it was not reached; then nothing was written.
	Forward(w http.ResponseWriter, r *http.Request) error
}
