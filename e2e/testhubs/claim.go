package testhubs

import (
	"context"

	"partline.dev/server/hub"
	"partline.dev/shared/testhub"
)

// requestKey is where a call's context has what the request said that opened the
// connection.
type requestKey struct{}

// Noting gives the connections that are made with ctx what testhub.ClaimMethod tells
// of their request, each under a name.
func Noting(ctx context.Context, noted map[string]string) context.Context {
	return context.WithValue(ctx, requestKey{}, noted)
}

// claim is what is known of the caller under a name.
func claim(x *hub.Context, n testhub.Name) (*string, error) {
	if n.Name == "transport" {
		name := x.Transport()
		return &name, nil
	}
	noted, _ := x.Value(requestKey{}).(map[string]string)
	for _, known := range []map[string]string{x.Principal().Claims, noted} {
		if value, ok := known[n.Name]; ok {
			return &value, nil
		}
	}
	return nil, nil
}
