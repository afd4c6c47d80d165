package declared

import (
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v4"

	"partline.dev/server/hub"
	"partline.dev/shared/contract"
)

// file reads the hubs under the root of a file.
func (r *reader) file(root *yaml.Node) []Hub {
	fields := r.fields(root, "the file", "hubs")
	e, ok := fields["hubs"]
	if !ok {
		if root.Kind == yaml.MappingNode && len(fields) == 0 {
			r.wrong(root, "the file has no hubs; it begins with: hubs:")
		}
		return nil
	}
	entries := r.entries(e.value, "hubs")
	if e.value.Kind == yaml.MappingNode && len(e.value.Content) == 0 {
		r.wrong(e.value, "there are no hubs here; a file has at least one")
	}
	if len(entries) > MaxHubs {
		r.wrong(e.key, "these are %d hubs; a file has at most %d", len(entries), MaxHubs)
		return nil
	}
	for _, one := range entries {
		r.nameHub(one)
	}
	var hubs []Hub
	for _, one := range entries {
		hubs = append(hubs, r.hub(one))
	}
	return hubs
}

// nameHub takes the name of a hub, and the address that comes with it.
func (r *reader) nameHub(e entry) {
	key := strings.ToLower(e.name)
	who := fmt.Sprintf("the hub %s of line %d", e.name, e.key.Line)
	address := "/hubs/" + e.name
	if _, err := contract.DeclareHub(e.name); err != nil {
		r.wrong(e.key, "no hub can be called that: %v", err)
		return
	}
	if other := r.places.names[key]; other != "" {
		r.wrong(e.key, "%s has that name, in which case means nothing; give this one another, and classic: %s if pages know it so", other, e.name)
		return
	}
	if r.possible(e.key, address) {
		r.places.own[strings.ToLower(address)] = who
	}
	r.places.names[key] = who
}

// hub reads one hub.
func (r *reader) hub(e entry) Hub {
	var made Hub
	what := "the hub " + e.name
	fields := r.fields(e.value, what, "classic", "at", "allow", "methods")
	var options []contract.HubOption
	classic, at := e.name, e.key
	if c, ok := fields["classic"]; ok {
		if name, ok := r.text(c.value, "classic has the name by which jQuery pages know the hub"); ok {
			classic, options, at = name, append(options, contract.ClassicName(name)), c.value
		}
	}
	if _, err := contract.DeclareHub(classic); err != nil && at != e.key { // of its own name nameHub said it
		r.wrong(at, "no hub can be called that: %v", err)
	} else if h, err := contract.DeclareHub(e.name, options...); err == nil && r.options.Reserved != nil && r.options.Reserved(h) {
		r.wrong(at, "to jQuery pages %s is something of the client's own; give this hub another name there by classic:", classic)
	}
	r.addresses(e, fields["at"], classic, &made)
	var roles []string
	if a, ok := fields["allow"]; ok {
		roles = r.roles(a.value)
	}
	m, ok := fields["methods"]
	if !ok {
		if _, ok := fields[unknown]; !ok && e.value.Kind == yaml.MappingNode {
			r.wrong(e.key, "%s has no methods", what)
		}
		return made
	}
	all := &events{byName: map[string]*event{}}
	methods := r.methods(m.value, all)
	if len(r.mistakes) > 0 {
		return made
	}
	mux, err := build(e.name, options, methods, all)
	if err != nil {
		r.wrong(e.key, "%s cannot be made: %v", what, err)
		return made
	}
	if roles != nil {
		mux.Authorize(func(p hub.Principal) error { return allows(roles, p) })
	}
	made.Mux = mux
	return made
}

// addresses reads where a hub is.
func (r *reader) addresses(e, at entry, classic string, made *Hub) {
	who := fmt.Sprintf("the hub %s of line %d", e.name, e.key.Line)
	if at.value == nil {
		made.Shared = true
		if r.options.Shared != "" {
			r.shared(e.key, classic, who)
		}
		return
	}
	if n := len(at.value.Content); n > MaxAddresses {
		r.wrong(at.value, "these are %d addresses; a hub has at most %d", n, MaxAddresses)
		return
	}
	seen := map[string]bool{}
	for _, a := range r.texts(at.value, "at has a path, as /chat, or a list of paths") {
		key := strings.ToLower(a.name)
		switch {
		case seen[key]:
			r.wrong(a.value, "%s stands here twice", quoted(a.name))
		case key == strings.ToLower("/hubs/"+e.name):
			r.wrong(a.value, "%s is where the hub is anyway; leave it out", a.name)
		case r.options.Shared != "" && strings.EqualFold(a.name, r.options.Shared):
			made.Shared = true
			r.shared(a.value, classic, who)
		default:
			r.address(a.value, a.name, classic, who)
			made.Addresses = append(made.Addresses, a.name)
		}
		seen[key] = true
	}
}

// shared notes that the hub is where all hubs are.
func (r *reader) shared(n *yaml.Node, classic, who string) {
	if other := r.places.enter(r.options.Shared, classic, who); other != "" {
		r.wrong(n, "at %s pages know %s as %s already; give this hub an address of its own by at:, or another name there by classic:",
			r.options.Shared, other, classic)
	}
}

// build makes the hub of what was read.
func build(name string, options []contract.HubOption, methods []*method, all *events) (*hub.Mux, error) {
	h, err := contract.DeclareHub(name, options...)
	if err != nil {
		return nil, err
	}
	var members []contract.Member
	declared := make([]contract.Declared, len(methods))
	for i, m := range methods {
		response := reflect.TypeFor[contract.None]()
		if m.result != nil {
			response = m.result.kind.goType()
		}
		var overload []contract.MethodOption
		if m.overload {
			overload = append(overload, contract.Overload())
		}
		if declared[i], err = contract.DeclareMethod(h, m.name, response, asContract(m.arguments), overload...); err != nil {
			return nil, err
		}
		members = append(members, declared[i])
	}
	for _, e := range all.list {
		if e.declared, err = contract.DeclareEvent(h, e.name, asContract(e.arguments)); err != nil {
			return nil, err
		}
		members = append(members, e.declared)
	}
	mux := hub.New(contract.NewAPI(h, members...))
	for i, m := range methods {
		var allowed []hub.MethodOption
		if m.allow != nil {
			allowed = append(allowed, hub.Authorize(func(x *hub.Context) error { return allows(m.allow, x.Principal()) }))
		}
		hub.HandleDeclared(mux, declared[i], m.handle, allowed...)
	}
	return mux, nil
}
