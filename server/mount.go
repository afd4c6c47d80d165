package server

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"partline.dev/server/hub"
)

// Mount is one address and the hubs it serves.
type Mount struct {
	// Path is the address, as in /realtime.
	Path string

	// Hubs are the hubs there: exactly one.
	Hubs []*hub.Mux
}

// checkPath says why a hub cannot be mounted at p.
func checkPath(p string) error {
	switch {
	case !strings.HasPrefix(p, "/") || len(p) < 2 || strings.HasSuffix(p, "/"):
		return errors.New("it starts with a slash, names something and ends without one")
	case p != path.Clean(p) || strings.ContainsAny(p, "{}?#%\\ \t\r\n"):
		return errors.New("it is made of plain names between single slashes")
	case strings.HasSuffix(p, "/negotiate"), p == "/healthz", p == "/readyz":
		return errors.New("the server itself answers there")
	}
	return nil
}

// routes are the addresses of o's hubs: one hub each.
func (o *Options) routes() (map[string]*hub.Mux, error) {
	routes := map[string]*hub.Mux{}
	add := func(at string, m *hub.Mux) error {
		if err := checkPath(at); err != nil {
			return fmt.Errorf("mount path %q: %w", at, err)
		}
		if routes[at] != nil {
			return fmt.Errorf("two hubs are mounted at %s", at)
		}
		routes[at] = m
		return nil
	}
	for _, m := range o.Hubs {
		if err := add("/hubs/"+m.Name(), m); err != nil {
			return nil, err
		}
	}
	for _, mount := range o.Mounts {
		if len(mount.Hubs) != 1 {
			return nil, fmt.Errorf("mount %s has %d hubs; a SignalR address has exactly one", mount.Path, len(mount.Hubs))
		}
		if err := add(mount.Path, mount.Hubs[0]); err != nil {
			return nil, err
		}
	}
	return routes, nil
}
