package auth

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// Fetch brings what is at address, of an issuer's keys: [MaxKeySet] bytes at most, or
// a few more. It ends with ctx, and follows no redirect: who may say where the keys
// are is the operator, nobody else.
type Fetch func(ctx context.Context, address string) ([]byte, error)

// FetchHTTP is a Fetch by HTTP, with client as it is but for redirects; nil: with one
// of its own.
func FetchHTTP(client *http.Client) Fetch {
	c := http.Client{Transport: &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DisableKeepAlives:      true, // four requests an hour
		MaxResponseHeaderBytes: 64 << 10,
	}}
	if client != nil {
		c = *client
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return func(ctx context.Context, address string) ([]byte, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return nil, err
		}
		r.Header.Set("Accept", KeySetTypes)
		response, err := c.Do(r)
		if err != nil {
			return nil, err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("the answer is %s", response.Status)
		}
		return io.ReadAll(io.LimitReader(response.Body, MaxKeySet+1))
	}
}

// KeySetTypes are the types of what a [Fetch] brings, as the header Accept has them.
const KeySetTypes = "application/jwk-set+json, application/json"
