package declared

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"partline.dev/server/yamlfile"
	"partline.dev/shared/contract"
)

// places are the names and addresses of hubs, to find what two of them would have
// to share. All are in lower case, as case means nothing in any of them.
type places struct {
	names   map[string]string            // what has the name, in words
	own     map[string]string            // what has the address for itself
	classic map[string]map[string]string // of an address that hubs share: what has the name there
}

func newPlaces(o *Options) places {
	p := places{names: map[string]string{}, own: map[string]string{}, classic: map[string]map[string]string{}}
	if o.Shared != "" {
		p.classic[strings.ToLower(o.Shared)] = map[string]string{}
	}
	for _, e := range o.Existing {
		who := "the built-in hub " + e.Name
		p.names[strings.ToLower(e.Name)] = who
		for _, a := range e.Addresses {
			p.own[strings.ToLower(a)] = who
		}
	}
	return p
}

// enter notes that pages find a hub at address by its classic name. It returns who
// has that name there already, or nothing.
func (p *places) enter(address, classic, who string) (taken string) {
	key, name := strings.ToLower(address), strings.ToLower(classic)
	if p.classic[key] == nil {
		p.classic[key] = map[string]string{}
	}
	if taken = p.classic[key][name]; taken == "" {
		p.classic[key][name] = who
	}
	return taken
}

// address notes that the hub called who, which pages know as classic, is at path,
// as it stands at n.
func (r *reader) address(n *yaml.Node, path, classic, who string) {
	if !r.possible(n, path) {
		return
	}
	if other := r.places.own[strings.ToLower(path)]; other != "" {
		r.Wrong(n, "%s is the address of %s", path, other)
		return
	}
	if other := r.places.enter(path, classic, who); other != "" {
		r.Wrong(n, "at %s pages know %s as %s already; give this hub another address by at:, or another name there by classic:", path, other, classic)
	}
}

// possible tells whether the server can have a hub at path, as it stands at n,
// beside all others.
func (r *reader) possible(n *yaml.Node, path string) bool {
	if len(path) > contract.MaxName {
		r.Wrong(n, "this address has %d bytes; one has at most %d", len(path), contract.MaxName)
		return false
	}
	if check := r.options.CheckAddress; check != nil {
		if err := check(path); err != nil {
			r.Wrong(n, "no hub can be at %s: %v", yamlfile.Quoted(path), err)
			return false
		}
	}
	check := r.options.CheckPair
	if check == nil {
		return true
	}
	others := slices.AppendSeq(slices.Collect(maps.Keys(r.places.own)), maps.Keys(r.places.classic))
	slices.Sort(others)
	for _, other := range others {
		if err := check(path, other); err != nil {
			r.Wrong(n, "no hub can be at %s: %v", yamlfile.Quoted(path), err)
			return false
		}
		if err := check(other, path); err != nil {
			r.Wrong(n, "no hub can be at %s while one is at %s: %v", yamlfile.Quoted(path), other, err)
			return false
		}
	}
	return true
}
