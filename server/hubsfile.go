package server

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"partline.dev/server/classic/script"
	"partline.dev/server/declared"
	"partline.dev/server/hub"
	"partline.dev/server/yamlfile"
	"partline.dev/shared/chat"
	"partline.dev/shared/contract"
)

// DeclaredHubs are the hubs of a file as a server with the built-in hubs would
// have them, for who wants to know what they say, or whether the file is right,
// without serving them. The error is yamlfile.Mistakes, or one of package os.
func DeclaredHubs(file string) ([]declared.Hub, error) {
	o := Options{HubsFile: file, builtIn: true}
	o.Hubs = o.builtInHubs()
	return o.readHubs()
}

// declare adds the hubs of o.HubsFile. The built-in chat and examples give way to those
// that have their names or addresses, and at the address of all hubs the built-in ones to those that
// pages know by their names.
func (o *Options) declare() error {
	if o.HubsFile == "" {
		return nil
	}
	hubs, err := o.readHubs()
	switch wrong := yamlfile.Mistakes(nil); {
	case errors.As(err, &wrong):
		return fmt.Errorf("the hubs that --hubs declares:\n%w", err)
	case err != nil:
		return fmt.Errorf("--hubs: %w", err)
	}
	o.Hubs, o.Mounts = slices.Clone(o.Hubs), slices.Clone(o.Mounts)
	for _, h := range hubs {
		o.giveWay(h)
	}
	own, shared := slices.Clone(o.Hubs), []*hub.Mux(nil)
	for _, h := range hubs {
		if h.Shared {
			o.Hubs = append(o.Hubs, h.Mux)
			shared = append(shared, h.Mux)
		} else {
			o.Mounts = append(o.Mounts, Mount{Path: ownAddress(h.Mux.Name()), Hubs: []*hub.Mux{h.Mux}})
		}
	}
	for _, m := range own {
		same := func(declared *hub.Mux) bool { return strings.EqualFold(classicName(declared), classicName(m)) }
		if !slices.ContainsFunc(shared, same) {
			o.together = append(o.together, m)
		}
	}
	o.together = append(o.together, shared...)
	first := len(o.Mounts)
	for _, h := range hubs {
	next:
		for _, path := range h.Addresses {
			for i := first; i < len(o.Mounts); i++ {
				if strings.EqualFold(o.Mounts[i].Path, path) {
					o.Mounts[i].Hubs = append(o.Mounts[i].Hubs, h.Mux)
					continue next
				}
			}
			o.Mounts = append(o.Mounts, Mount{Path: path, Hubs: []*hub.Mux{h.Mux}})
		}
	}
	return nil
}

// giveWay takes out the examples, and the built-in chat, that are called as h or are
// where it is.
func (o *Options) giveWay(h declared.Hub) {
	isAt := func(path string) bool {
		return slices.ContainsFunc(h.Addresses, func(one string) bool { return strings.EqualFold(one, path) })
	}
	called := func(one *hub.Mux) bool { return one != h.Mux && strings.EqualFold(one.Name(), h.Mux.Name()) }
	o.Hubs = slices.DeleteFunc(o.Hubs, func(m *hub.Mux) bool { return o.yields(m) && (called(m) || isAt(ownAddress(m.Name()))) })
	if o.examples {
		o.Mounts = slices.DeleteFunc(o.Mounts, func(m Mount) bool { return isAt(m.Path) || slices.ContainsFunc(m.Hubs, called) })
	}
}

// yields tells whether m is the built-in chat, whose name files had for hubs of their
// own before it was there.
func (o *Options) yields(m *hub.Mux) bool { return o.builtIn && m.API() == chat.API }

// reserved tells whether pages cannot have h under its name.
func reserved(h *contract.Hub) bool { return script.CheckHub(h) != nil }

// readHubs reads o.HubsFile, beside the hubs that are there without it.
func (o *Options) readHubs() ([]declared.Hub, error) {
	beside := declared.Options{Shared: allHubs, Reserved: reserved, CheckAddress: checkPath, CheckPair: apart}
	if slices.ContainsFunc(o.Mounts, func(m Mount) bool { return strings.EqualFold(m.Path, allHubs) }) {
		beside.Shared = "" // that mount says which hubs are there
	}
	for _, m := range o.Hubs {
		if o.yields(m) {
			continue
		}
		beside.Existing = append(beside.Existing, declared.Existing{
			Name: m.Name(), Addresses: []string{ownAddress(m.Name())},
		})
	}
	if !o.examples { // else they are examples, which give way
		for _, m := range o.Mounts {
			for _, one := range m.Hubs {
				beside.Existing = append(beside.Existing, declared.Existing{Name: one.Name(), Addresses: []string{m.Path}})
			}
			if len(m.Hubs) == 0 {
				beside.Existing = append(beside.Existing, declared.Existing{Name: rawName(strings.ToLower(m.Path)), Addresses: []string{m.Path}})
			}
		}
	}
	return declared.Read(o.HubsFile, &beside)
}
