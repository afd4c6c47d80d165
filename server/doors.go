package server

import (
	"net/http"
	"slices"
	"strings"

	"partline.dev/server/classic"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// door is what answers at an address and below it.
type door struct {
	core    http.Handler // ASP.NET Core SignalR: the address itself, and POST {address}/negotiate
	classic http.Handler // jQuery SignalR 2: below it, the script of its hubs too
}

// open returns who answers at the paths of mounts.
func (s *Server) open(mounts map[string]Mount) (map[string]*door, error) {
	doors := map[string]*door{}
	mounted := map[*hub.Mux]bool{}
	for path, m := range mounts {
		for _, one := range m.Hubs {
			if mounted[one] {
				continue
			}
			if err := s.core.Mount(one); err != nil {
				return nil, err
			}
			mounted[one] = true
		}
		doors[path] = &door{
			core:    s.tracer.Negotiate(path, s.coreDoor(&m, mounts)),
			classic: s.tracer.Negotiate(path, s.classicDoor(&m)),
		}
	}
	return doors, nil
}

// coreDoor answers clients of ASP.NET Core SignalR at m.
func (s *Server) coreDoor(m *Mount, mounts map[string]Mount) http.Handler {
	special := &transport.HandlerOptions{Tenant: m.Tenant, Prefix: s.public.prefix, Transports: m.Transports, Redirect: m.Redirect, NamesAsDeclared: m.NamesAsDeclared}
	switch {
	case m.Connection != nil:
		return s.host.RawHandler(s.core, m.Hubs[0], m.Connection, special)
	case len(m.Hubs) == 1:
		return s.host.Handler(s.core, m.Hubs[0].Name(), special)
	}
	text := s.severalHubs(m, mounts)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.host.Admit(w, r, m.Path) {
			s.host.Refuse(w, http.StatusNotFound, text)
		}
	})
}

// classicDoor answers clients of jQuery SignalR 2 below m.
func (s *Server) classicDoor(m *Mount) http.Handler {
	o := classic.Options{
		Path:              m.Path,
		Prefix:            s.public.prefix,
		Tenant:            m.Tenant,
		Hubs:              m.Hubs,
		NoScript:          m.NoScript,
		Signer:            s.signer,
		Transports:        m.allowed(s.options.Transports),
		Redirect:          m.Redirect,
		DetailedErrors:    s.options.DetailedErrors || s.options.Dev,
		Log:               s.log,
		KeepAlive:         s.options.Classic.KeepAlive,
		DisconnectTimeout: s.options.Classic.DisconnectTimeout,
		PollTimeout:       s.options.Classic.PollTimeout,
		MessageLimit:      s.options.Classic.MessageLimit,
	}
	if m.Connection != nil {
		o.Hubs, o.Raw, o.Connection = nil, m.Hubs[0], m.Connection
	}
	h := classic.New(s.host, s.core, o)
	s.classic = append(s.classic, h)
	return h
}

// severalHubs tells a client of ASP.NET Core SignalR where the hubs of m are.
func (s *Server) severalHubs(m *Mount, mounts map[string]Mount) string {
	places := make([]string, len(m.Hubs))
	for i, one := range m.Hubs {
		var addresses []string
		for _, other := range mounts {
			if len(other.Hubs) == 1 && other.Hubs[0] == one {
				addresses = append(addresses, s.public.prefix+other.Path)
			}
		}
		slices.Sort(addresses)
		places[i] = one.Name() + " at " + strings.Join(addresses, ", ")
		if len(addresses) == 0 {
			places[i] = one.Name() + " nowhere"
		}
	}
	return "There are several hubs at this address, for clients of jQuery SignalR 2. ASP.NET Core SignalR connects to one hub an address: " + strings.Join(places, "; ") + "."
}
