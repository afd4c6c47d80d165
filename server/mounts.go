package server

import (
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"

	"partline.dev/server/api"
	"partline.dev/server/classic"
	"partline.dev/server/classic/script"
	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/shared/contract"
)

// allHubs is where clients of jQuery SignalR 2 look for hubs if a page says
// nothing else.
const allHubs = "/signalr"

// mounts are the addresses of o's hubs and connections, by path in lower case.
func (o *Options) mounts() (map[string]Mount, error) {
	mounts := map[string]Mount{}
	add := func(m Mount) error {
		if err := checkPath(m.Path); err != nil {
			return fmt.Errorf("mount path %q: %w", m.Path, err)
		}
		if err := m.check(); err != nil {
			return fmt.Errorf("mount %s: %w", m.Path, err)
		}
		key := strings.ToLower(m.Path)
		if _, twice := mounts[key]; twice {
			return fmt.Errorf("two hubs are mounted at %s, which is the same in any case", m.Path)
		}
		if m.Connection != nil && len(m.Hubs) == 0 {
			m.Hubs = []*hub.Mux{hub.NewRaw(rawName(key))}
		}
		if m.Transports != 0 && o.Transports != 0 && m.allowed(o.Transports) == 0 {
			return fmt.Errorf("mount %s: its transports are %s, and --transports allows only %s", m.Path, m.Transports, o.Transports)
		}
		mounts[key] = m
		return nil
	}
	for _, m := range o.Hubs {
		if err := add(Mount{Path: ownAddress(m.Name()), Hubs: []*hub.Mux{m}}); err != nil {
			return nil, err
		}
	}
	for _, m := range o.Mounts {
		if err := add(m); err != nil {
			return nil, err
		}
	}
	if _, theirs := mounts[allHubs]; !theirs && len(o.Hubs) > 0 {
		if o.together == nil {
			o.together = o.Hubs
		}
		if err := add(Mount{Path: allHubs, Hubs: o.together}); err != nil {
			return nil, err
		}
	}
	for key, m := range mounts {
		base, _ := cutLast(key)
		if other, ok := mounts[base]; ok {
			if err := apart(m.Path, other.Path); err != nil {
				return nil, fmt.Errorf("mount %s: %w", m.Path, err)
			}
		}
	}
	return mounts, nil
}

// check says what is wrong with m, beside its path.
func (m *Mount) check() error {
	switch {
	case m.Connection != nil:
		if len(m.Hubs) > 1 || len(m.Hubs) == 1 && m.Hubs[0].API() != nil {
			return errors.New("it has a hub and a connection handler; an address has one of them, or a connection handler and one hub of hub.NewRaw")
		}
		return nil
	case m.Connection == nil && len(m.Hubs) == 0:
		return errors.New("it has 0 hubs; an address has at least one, or a connection handler")
	}
	for i, one := range m.Hubs {
		if one.API() == nil {
			return fmt.Errorf("%s is a raw hub, and there is no connection handler", one.Name())
		}
		if !m.NoScript {
			if err := script.CheckHub(one.API().Hub()); err != nil {
				return err
			}
		}
		name := classicName(one)
		if slices.ContainsFunc(m.Hubs[:i], func(other *hub.Mux) bool { return strings.EqualFold(classicName(other), name) }) {
			return fmt.Errorf("two of its hubs are called %s by pages of SignalR 2; mount them at two addresses, or name one of them with contract.ClassicName", name)
		}
	}
	return nil
}

// rawName is what the raw hub of a path is called: a hub's name has no slashes, and
// letters, digits, hyphens, underscores and dots only. It begins as no hub's of a
// program is likely to.
func rawName(path string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '-', r == '_', r == '.':
			return r
		case r == '/':
			return '.'
		}
		return '-'
	}, path)
	return "raw" + name[:min(len(name), contract.MaxName-len("raw"))]
}

// checkPath says why nothing can be mounted at p.
func checkPath(p string) error {
	switch {
	case !strings.HasPrefix(p, "/") || len(p) < 2 || strings.HasSuffix(p, "/"):
		return errors.New("it starts with a slash, names something and ends without one")
	case p != path.Clean(p) || strings.ContainsAny(p, "{}?#%\\ \t\r\n"):
		return errors.New("it is made of plain names between single slashes")
	}
	lower := strings.ToLower(p)
	_, last := cutLast(lower)
	switch first := firstName(lower); {
	case first == "hubs", first == firstName(allHubs):
	case first == firstName(api.Root) && !strings.HasPrefix(lower+"/", api.Root):
	case ours[first]:
		return errOurs
	}
	if last == "negotiate" {
		return errOurs
	}
	return nil
}

var errOurs = errors.New("the server itself answers there")

// apart says why nothing can be mounted at path beside what is at other.
func apart(path, other string) error {
	if base, _ := cutLast(path); strings.EqualFold(base, other) && classic.Serves(http.MethodGet, path) {
		return fmt.Errorf("clients of the hubs at %s ask there; choose another path", other)
	}
	return nil
}

// ownAddress is where the hub called name is, by itself.
func ownAddress(name string) string { return "/hubs/" + name }

// cutLast cuts a path before its last name.
func cutLast(p string) (base, last string) {
	i := strings.LastIndexByte(p, '/')
	return p[:max(i, 0)], p[i+1:]
}

// classicName is the name by which pages of jQuery SignalR 2 know m.
func classicName(m *hub.Mux) string { return m.API().Hub().ClassicName() }

// allowed are the transports that may be used at m, of those that the server allows.
// Zero stands for all of them.
func (m *Mount) allowed(all front.Transports) front.Transports {
	switch {
	case m.Transports == 0:
		return all
	case all == 0:
		return m.Transports
	}
	return m.Transports & all
}
