package client

import (
	"context"
	"fmt"
	"sync"
)

// bearer is the token with which the requests about one connection are made.
type bearer struct {
	ask func(context.Context) (string, error) // nil: there is none but this

	mu    sync.Mutex // protects following
	token string
}

// newBearer asks for a token.
func newBearer(ctx context.Context, ask func(context.Context) (string, error)) (*bearer, error) {
	b := &bearer{ask: ask}
	_, err := b.renew(ctx)
	return b, err
}

// fixedBearer is a token that the hub gave for where it sends its clients.
func fixedBearer(token string) *bearer { return &bearer{token: token} }

func (b *bearer) get() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.token
}

// renew asks for another token, because there is none or the hub does not take
// it any more. It reports false if there is nobody to ask.
func (b *bearer) renew(ctx context.Context) (bool, error) {
	if b.ask == nil {
		return false, nil
	}
	token, err := b.ask(ctx)
	if err != nil {
		return false, fmt.Errorf("there is no token for the hub: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.token = token
	return true, nil
}
