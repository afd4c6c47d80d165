package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"

	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// Mount is one address of a hub, or of connections without one.
type Mount struct {
	// Path is the address, as in /chat: any path. It is matched in any case, and
	// with or without a slash at the end.
	Path string

	// Hubs are the hubs there: exactly one, or none with Connection. A hub may
	// have several addresses; who connects at one of them hears the others.
	Hubs []*hub.Mux

	// Connection serves connections that carry bytes instead of a hub's
	// messages. It is called for each of them, as
	// [transport.Host.RawHandler] says. Nil: there is a hub.
	Connection func(ctx context.Context, c *transport.Connection) error

	// Transports are those that may be used here, of those that
	// Options.Transports allows. Zero: all of them.
	Transports transport.Transports

	// Redirect may send a client elsewhere when it negotiates: to url, where it
	// negotiates again with accessToken as its bearer token (empty: with the
	// token that it has). Not ok: the client stays. Nil: every client does.
	Redirect func(r *http.Request, principal hub.Principal) (url, accessToken string, ok bool)

	// NamesAsDeclared writes the names of properties in JSON as they were
	// declared and not in camelCase, for clients of an ASP.NET Core server
	// whose PropertyNamingPolicy was null. Names are read in any case.
	NamesAsDeclared bool
}

// ParseTransports reads names of transports, in any case: WebSockets,
// ServerSentEvents and LongPolling. No name stands for all of them.
func ParseTransports(names ...string) (transport.Transports, error) {
	var set transport.Transports
next:
	for _, name := range names {
		for _, one := range []transport.Transports{transport.WebSockets, transport.ServerSentEvents, transport.LongPolling} {
			if strings.EqualFold(strings.TrimSpace(name), one.String()) {
				set |= one
				continue next
			}
		}
		return 0, fmt.Errorf("%q is no transport; there are %s", name, transport.Transports(0))
	}
	return set, nil
}

// checkPath says why nothing can be mounted at p.
func checkPath(p string) error {
	switch {
	case !strings.HasPrefix(p, "/") || len(p) < 2 || strings.HasSuffix(p, "/"):
		return errors.New("it starts with a slash, names something and ends without one")
	case p != path.Clean(p) || strings.ContainsAny(p, "{}?#%\\ \t\r\n"):
		return errors.New("it is made of plain names between single slashes")
	}
	switch p = strings.ToLower(p); {
	case strings.HasSuffix(p, "/negotiate"), ours[firstName(p)] && firstName(p) != "hubs":
		return errors.New("the server itself answers there")
	}
	return nil
}

// mounts are the addresses of o's hubs and connections, by path in lower case.
func (o *Options) mounts() (map[string]Mount, error) {
	mounts := map[string]Mount{}
	add := func(m Mount) error {
		if err := checkPath(m.Path); err != nil {
			return fmt.Errorf("mount path %q: %w", m.Path, err)
		}
		key := strings.ToLower(m.Path)
		if _, twice := mounts[key]; twice {
			return fmt.Errorf("two hubs are mounted at %s, which is the same in any case", m.Path)
		}
		mounts[key] = m
		return nil
	}
	for _, m := range o.Hubs {
		if err := add(Mount{Path: "/hubs/" + m.Name(), Hubs: []*hub.Mux{m}}); err != nil {
			return nil, err
		}
	}
	for _, m := range o.Mounts {
		switch {
		case m.Connection != nil && len(m.Hubs) > 0:
			return nil, fmt.Errorf("mount %s has a hub and a connection handler; an address has one of them", m.Path)
		case m.Connection == nil && len(m.Hubs) != 1:
			return nil, fmt.Errorf("mount %s has %d hubs; a SignalR address has exactly one", m.Path, len(m.Hubs))
		}
		if err := add(m); err != nil {
			return nil, err
		}
	}
	return mounts, nil
}

// mount returns who answers at the paths of mounts.
func (s *Server) mount(mounts map[string]Mount) (map[string]http.Handler, error) {
	handlers := map[string]http.Handler{}
	mounted := map[*hub.Mux]bool{}
	for path, m := range mounts {
		special := &transport.HandlerOptions{Transports: m.Transports, Redirect: m.Redirect, NamesAsDeclared: m.NamesAsDeclared}
		if m.Connection != nil {
			handlers[path] = s.tracer.Negotiate(path, s.host.RawHandler(m.Connection, special))
			continue
		}
		one := m.Hubs[0]
		if !mounted[one] {
			if err := s.core.Mount(one); err != nil {
				return nil, err
			}
			mounted[one] = true
		}
		handlers[path] = s.tracer.Negotiate(path, s.host.Handler(s.core, one.Name(), special))
	}
	return handlers, nil
}
