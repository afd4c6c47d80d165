package support

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"partline.dev/server/front"
	"partline.dev/server/hub"
)

// signedIn is for the whole hub: nobody else connects.
func signedIn(p hub.Principal) error {
	if p.ID == "" {
		return errors.New("not signed in")
	}
	return nil
}

// agent is for single methods.
func agent(x *hub.Context) error {
	if !slices.Contains(x.Principal().Roles, "agent") {
		return errors.New("not an agent")
	}
	return nil
}

// Sessions knows who a token stands for.
type Sessions interface {
	Find(token string) (user, name string, roles []string, ends time.Time, ok bool)
}

// Authenticate returns the function for server.Options.Authenticate.
func Authenticate(sessions Sessions) func(*http.Request) (hub.Principal, error) {
	return func(r *http.Request) (hub.Principal, error) {
		token := front.BearerToken(r) // the header, or access_token where a browser has no other way
		if token == "" {
			return hub.Principal{}, nil // anonymous: signedIn answers 401
		}
		user, name, roles, ends, ok := sessions.Find(token)
		if !ok {
			return hub.Principal{}, errors.New("no such session") // 401
		}
		return hub.Principal{
			ID:      user, // what x.User(id) reaches
			Name:    name,
			Roles:   roles,
			Claims:  map[string]string{"tenant": r.Header.Get("X-Tenant")},
			Expires: ends.UnixMilli(), // the connection is closed then, and the client may come back
		}, nil
	}
}

// slow is a filter: it logs what takes long.
func slow(x *hub.Context, next func() (any, error)) (any, error) {
	began := time.Now()
	result, err := next()
	if took := time.Since(began); took > time.Second {
		slog.Warn("a slow call", "method", x.Method().Name(), "took", took)
	}
	return result, err
}
