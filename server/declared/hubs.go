package declared

import (
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v4"

	"partline.dev/server/hub"
	"partline.dev/server/yamlfile"
	"partline.dev/shared/contract"
)

// file reads the hubs under the root of a file.
func (r *reader) file(root *yaml.Node) []Hub {
	fields := r.Fields(root, "the file", "hubs")
	e, ok := fields["hubs"]
	if !ok {
		if root.Kind == yaml.MappingNode && len(fields) == 0 {
			r.Wrong(root, "the file has no hubs; it begins with: hubs:")
		}
		return nil
	}
	entries := r.Entries(e.Value, "hubs")
	if e.Value.Kind == yaml.MappingNode && len(e.Value.Content) == 0 {
		r.Wrong(e.Value, "there are no hubs here; a file has at least one")
	}
	if len(entries) > MaxHubs {
		r.Wrong(e.Key, "these are %d hubs; a file has at most %d", len(entries), MaxHubs)
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
func (r *reader) nameHub(e yamlfile.Entry) {
	key := strings.ToLower(e.Name)
	who := fmt.Sprintf("the hub %s of line %d", e.Name, e.Key.Line)
	address := "/hubs/" + e.Name
	if _, err := contract.DeclareHub(e.Name); err != nil {
		r.Wrong(e.Key, "no hub can be called that: %v", err)
		return
	}
	if other := r.places.names[key]; other != "" {
		r.Wrong(e.Key, "%s has that name, in which case means nothing; give this one another, and classic: %s if pages know it so", other, e.Name)
		return
	}
	if r.possible(e.Key, address) {
		r.places.own[strings.ToLower(address)] = who
	}
	r.places.names[key] = who
}

// hub reads one hub.
func (r *reader) hub(e yamlfile.Entry) Hub {
	var made Hub
	what := "the hub " + e.Name
	fields := r.Fields(e.Value, what, "classic", "at", "allow", "methods")
	var options []contract.HubOption
	classic, at := e.Name, e.Key
	if c, ok := fields["classic"]; ok {
		if name, ok := r.Text(c.Value, "classic has the name by which jQuery pages know the hub"); ok {
			classic, options, at = name, append(options, contract.ClassicName(name)), c.Value
		}
	}
	if _, err := contract.DeclareHub(classic); err != nil && at != e.Key { // of its own name nameHub said it
		r.Wrong(at, "no hub can be called that: %v", err)
	} else if h, err := contract.DeclareHub(e.Name, options...); err == nil && r.options.Reserved != nil && r.options.Reserved(h) {
		r.Wrong(at, "to jQuery pages %s is something of the client's own; give this hub another name there by classic:", classic)
	}
	r.addresses(e, fields["at"], classic, &made)
	var roles []string
	if a, ok := fields["allow"]; ok {
		roles = r.roles(a.Value)
	}
	m, ok := fields["methods"]
	if !ok {
		if _, ok := fields[yamlfile.Unknown]; !ok && e.Value.Kind == yaml.MappingNode {
			r.Wrong(e.Key, "%s has no methods", what)
		}
		return made
	}
	all := &events{byName: map[string]*event{}}
	methods := r.methods(m.Value, all)
	if r.Count() > 0 {
		return made
	}
	mux, err := build(e.Name, options, methods, all)
	if err != nil {
		r.Wrong(e.Key, "%s cannot be made: %v", what, err)
		return made
	}
	if roles != nil {
		mux.Authorize(func(p hub.Principal) error { return allows(roles, p) })
	}
	made.Mux = mux
	return made
}

// addresses reads where a hub is.
func (r *reader) addresses(e, at yamlfile.Entry, classic string, made *Hub) {
	who := fmt.Sprintf("the hub %s of line %d", e.Name, e.Key.Line)
	if at.Value == nil {
		made.Shared = true
		if r.options.Shared != "" {
			r.shared(e.Key, classic, who)
		}
		return
	}
	if n := len(at.Value.Content); n > MaxAddresses {
		r.Wrong(at.Value, "these are %d addresses; a hub has at most %d", n, MaxAddresses)
		return
	}
	seen := map[string]bool{}
	for _, a := range r.Texts(at.Value, "at has a path, as /chat, or a list of paths") {
		key := strings.ToLower(a.Name)
		switch {
		case seen[key]:
			r.Wrong(a.Value, "%s stands here twice", yamlfile.Quoted(a.Name))
		case key == strings.ToLower("/hubs/"+e.Name):
			r.Wrong(a.Value, "%s is where the hub is anyway; leave it out", a.Name)
		case r.options.Shared != "" && strings.EqualFold(a.Name, r.options.Shared):
			made.Shared = true
			r.shared(a.Value, classic, who)
		default:
			r.address(a.Value, a.Name, classic, who)
			made.Addresses = append(made.Addresses, a.Name)
		}
		seen[key] = true
	}
}

// shared notes that the hub is where all hubs are.
func (r *reader) shared(n *yaml.Node, classic, who string) {
	if other := r.places.enter(r.options.Shared, classic, who); other != "" {
		r.Wrong(n, "at %s pages know %s as %s already; give this hub an address of its own by at:, or another name there by classic:",
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
		if m.scopes != nil {
			allowed = append(allowed, hub.InScopes(m.scopes...))
		}
		hub.HandleDeclared(mux, declared[i], m.handle, allowed...)
	}
	return mux, nil
}
