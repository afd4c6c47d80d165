package client

import (
	"context"
	"fmt"
	"sync"
)

// access is the bearer token with which the requests about one connection are
// made.
type access struct {
	ask func(context.Context) (string, error) // nil: there is none but this

	mu    sync.Mutex // protects following
	token string
}

// newAccess asks for a token.
func newAccess(ctx context.Context, ask func(context.Context) (string, error)) (*access, error) {
	a := &access{ask: ask}
	_, err := a.renew(ctx)
	return a, err
}

// fixedAccess is a token that the hub gave for where it sends its clients.
func fixedAccess(token string) *access { return &access{token: token} }

func (a *access) get() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.token
}

// renew asks for another token, because there is none or the hub does not take
// it any more. It reports false if there is nobody to ask.
func (a *access) renew(ctx context.Context) (bool, error) {
	if a.ask == nil {
		return false, nil
	}
	token, err := a.ask(ctx)
	if err != nil {
		return false, fmt.Errorf("there is no token for the hub: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.token = token
	return true, nil
}
