package declared

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"partline.dev/server/hub"
	"partline.dev/server/yamlfile"
	"partline.dev/shared/contract"
)

// method is one method of a hub, or one of its overloads.
type method struct {
	name      string
	line      int
	overload  bool
	arguments []argument
	allow     []string
	scopes    []contract.Scope // in one of which its caller has to be; nil: anywhere
	actions   []action
	result    *value
}

// required is how many arguments must be there.
func (m *method) required() int {
	return len(m.arguments) - len(slices.DeleteFunc(slices.Clone(m.arguments), func(a argument) bool { return !a.optional }))
}

// handle runs one call.
func (m *method) handle(x *hub.Context, arguments []any) (any, error) {
	for _, do := range m.actions {
		if err := do(x, arguments); err != nil {
			return nil, err
		}
	}
	if m.result == nil {
		return contract.None{}, nil
	}
	return m.result.of(x, arguments), nil
}

// methods are those under n.
func (r *reader) methods(n *yaml.Node, all *events) []*method {
	var methods []*method
	first := map[string]yamlfile.Entry{} // by folded name
	for _, e := range r.Entries(n, "methods") {
		if err := contract.ValidName(e.Name); err != nil {
			r.Wrong(e.Key, "no method can be called that: %v", err)
			continue
		}
		if strings.HasPrefix(e.Name, "$") {
			r.Wrong(e.Key, "no method can be called that: names that begin with $ are of the methods that every hub has")
			continue
		}
		key := yamlfile.Fold(e.Name)
		if other, twice := first[key]; twice {
			r.Wrong(e.Key, "%s and %s in line %d are one method, as case means nothing; those that differ in their arguments are a list under one name",
				e.Name, other.Name, other.Key.Line)
			continue
		}
		first[key] = e
		if e.Value.Kind == yaml.SequenceNode {
			methods = append(methods, r.overloads(e, all)...)
			continue
		}
		methods = append(methods, r.method(e.Name, e.Key.Line, e.Value, all))
	}
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		r.Wrong(n, "there are no methods here; a hub has at least one")
	}
	if len(methods) > MaxMethods {
		r.Wrong(n, "these are %d methods; a hub has at most %d", len(methods), MaxMethods)
	}
	return methods
}

// overloads are the methods of one name that the list under it has.
func (r *reader) overloads(e yamlfile.Entry, all *events) []*method {
	if n := len(e.Value.Content); n > MaxMethods {
		r.Wrong(e.Value, "these are %d methods; a hub has at most %d", n, MaxMethods)
		return nil
	}
	var overloads []*method
	for _, c := range e.Value.Content {
		m := r.method(e.Name, c.Line, c, all)
		m.overload = true
		for _, other := range overloads {
			if most := min(len(m.arguments), len(other.arguments)); m.required() <= most && other.required() <= most {
				r.Wrong(c, "this %s and that in line %d can both take %s; they must differ in how many they take", e.Name, other.line, counted(most))
			}
		}
		overloads = append(overloads, m)
	}
	if len(overloads) == 0 {
		r.Is(e.Value, yaml.MappingNode, "the method "+e.Name+" says what it does")
	}
	return overloads
}

// method reads what belongs to the method called name.
func (r *reader) method(name string, line int, n *yaml.Node, all *events) *method {
	m := &method{name: name, line: line}
	what := "the method " + name
	switch {
	case n.Kind == yaml.AliasNode: // which was a mistake already
		return m
	case yamlfile.Empty(n):
		r.WrongAt(line, "%s does nothing; give it publish, join, leave, do or result", what)
		return m
	}
	before := r.Count()
	fields := r.Fields(n, what, append([]string{"arguments", "allow", "scopes", "do", "result"}, actionFields...)...)
	if e, ok := fields["arguments"]; ok {
		m.arguments = r.arguments(e.Value)
	}
	if e, ok := fields["allow"]; ok {
		m.allow = r.roles(e.Value)
	}
	if e, ok := fields["scopes"]; ok {
		m.scopes = r.scopes(e.Value)
	}
	own, acts := r.action(fields, m, all)
	if acts {
		m.actions = []action{own}
	}
	if e, ok := fields["do"]; ok {
		if acts {
			r.Wrong(e.Key, "%s has do and an action beside it; put all of them under do:, in the order in which they are done, each after a dash", what)
		}
		m.actions = r.actions(e.Value, m, all)
	}
	if e, ok := fields["result"]; ok {
		if v, ok := r.value(e.Value, m.arguments); ok {
			m.result = &v
		}
	}
	if len(m.actions) == 0 && m.result == nil && r.Count() == before {
		r.WrongAt(line, "%s does nothing; give it publish, join, leave, do or result", what)
	}
	return m
}

// actions reads the list under do.
func (r *reader) actions(n *yaml.Node, m *method, all *events) []action {
	if !r.Is(n, yaml.SequenceNode, "do has a list of actions, each after a dash") {
		return nil
	}
	if len(n.Content) > MaxActions {
		r.Wrong(n, "these are %d actions; a method has at most %d", len(n.Content), MaxActions)
		return nil
	}
	var actions []action
	for _, c := range n.Content {
		before := r.Count()
		do, ok := r.action(r.Fields(c, "an action", actionFields...), m, all)
		if !ok && r.Count() == before && c.Kind != yaml.AliasNode {
			r.Wrong(c, "this action does nothing; give it publish, join or leave")
		}
		actions = append(actions, do)
	}
	return actions
}
