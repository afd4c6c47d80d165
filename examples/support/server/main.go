// Command server serves the support desk.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"partline.dev/examples/support"
	"partline.dev/server"
	"partline.dev/server/hub"
)

func main() {
	desk := support.New(logged{})
	server.Main(server.Options{
		Addr:         os.Getenv("ADDR"), // empty: localhost:8080
		Hubs:         []*hub.Mux{desk},  // at /hubs/support
		Authenticate: support.Authenticate(demo{}),
		AllowHosts:   []string{"https://intranet.example"},
	})
}

// logged is a store that remembers nothing.
type logged struct{}

func (logged) Append(ctx context.Context, user, room, text string) error {
	slog.InfoContext(ctx, "said", "user", user, "room", room, "bytes", len(text))
	return nil
}

// demo knows two people for an hour.
type demo struct{}

func (demo) Find(token string) (user, name string, roles []string, ends time.Time, ok bool) {
	people := map[string][]string{"ann": {"agent"}, "bob": nil}
	roles, ok = people[token]
	return token, token, roles, time.Now().Add(time.Hour), ok
}
