package declared

import (
	"errors"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"partline.dev/server/hub"
	"partline.dev/server/yamlfile"
)

// action is one thing that a method does.
type action func(x *hub.Context, arguments []any) error

// actionFields are the names that make an action.
var actionFields = []string{"publish", "to", "with", "join", "leave"}

// action reads the action of m that fields make; ok tells whether they make any.
func (r *reader) action(fields map[string]yamlfile.Entry, m *method, events *events) (a action, ok bool) {
	var begun []string
	for _, name := range []string{"publish", "join", "leave"} {
		if _, ok := fields[name]; ok {
			begun = append(begun, name)
		}
	}
	switch {
	case len(begun) > 1:
		r.Wrong(fields[begun[1]].Key, "%s and %s in one: list them under do:, in the order in which they are done, each after a dash", begun[0], begun[1])
		return nil, true
	case len(begun) == 0 || begun[0] != "publish":
		if r.withoutPublish(fields, m) {
			return nil, true
		}
	}
	switch {
	case len(begun) == 0:
		return nil, false
	case begun[0] == "publish":
		return r.publish(fields, m, events), true
	case begun[0] == "join":
		group := r.name(fields["join"].Value, "group", m.arguments)
		return join(group), true
	}
	group := r.name(fields["leave"].Value, "group", m.arguments)
	return leave(group), true
}

// withoutPublish reads what belongs to a publish that is not among the fields; it
// reports whether there is something.
func (r *reader) withoutPublish(fields map[string]yamlfile.Entry, m *method) (some bool) {
	_, misspelt := fields[yamlfile.Unknown]
	for _, name := range []string{"to", "with"} {
		e, ok := fields[name]
		switch {
		case !ok:
			continue
		case !misspelt:
			r.Wrong(e.Key, "%s belongs to publish, which is not here", name)
		case name == "to":
			r.target(e.Value, m.arguments)
		default:
			r.with(e.Value, m.arguments)
		}
		some = true
	}
	return some
}

// join puts the caller into a group.
func join(group value) action {
	return func(x *hub.Context, arguments []any) error {
		name, err := nameOf(group, "group", x, arguments)
		if err == nil {
			err = x.Join(name)
		}
		if errors.Is(err, hub.ErrTooManyGroups) {
			return hub.Errorf("You are in as many groups as one connection may be.")
		}
		return err
	}
}

// leave takes the caller out of a group.
func leave(group value) action {
	return func(x *hub.Context, arguments []any) error {
		name, err := nameOf(group, "group", x, arguments)
		if err == nil {
			err = x.Leave(name)
		}
		return err
	}
}

// publish reads an event, whom it goes to and what it says.
func (r *reader) publish(fields map[string]yamlfile.Entry, m *method, events *events) action {
	event := fields["publish"]
	name, named := r.Text(event.Value, "publish has the name of an event")
	var values []value
	whole := true
	if with, ok := fields["with"]; ok {
		values, whole = r.with(with.Value, m.arguments)
	} else {
		for i := range m.arguments {
			values = append(values, ofArgument(m.arguments, i))
		}
	}
	to := target{}
	if e, ok := fields["to"]; ok {
		to = r.target(e.Value, m.arguments)
	} else if _, ok := fields[yamlfile.Unknown]; !ok {
		r.Wrong(event.Key, "publish to whom? Add to: all, others or caller, or to: {group: $room}")
	}
	if !named || !whole {
		return nil
	}
	said := r.event(events, event.Value, name, values)
	return func(x *hub.Context, arguments []any) error {
		whom, err := to.of(x, arguments)
		if err != nil {
			return err
		}
		says := make([]any, len(values))
		for i, v := range values {
			if says[i], err = said.arguments[i].kind.convert(v.of(x, arguments)); err != nil {
				return err
			}
		}
		return hub.PublishDeclared(x, whom, said.declared, says...)
	}
}

// with reads the values that an event says.
func (r *reader) with(n *yaml.Node, list []argument) (values []value, whole bool) {
	if !r.Is(n, yaml.SequenceNode, "with has a list of values, as [$name, $message]") {
		return nil, false
	}
	whole = true
	for _, c := range n.Content {
		v, ok := r.value(c, list)
		values, whole = append(values, v), whole && ok
	}
	return values, whole
}

// target is whom an event goes to.
type target struct {
	kind string
	name value // of a group or user
}

var (
	targets = []string{"all", "others", "caller", "scope", "othersInScope"}
	rooms   = []string{"group", "othersInGroup", "user"}
)

const targetExpected = "to has all, others, caller, scope or othersInScope, or a group or user, as {group: $room}"

func (r *reader) target(n *yaml.Node, list []argument) target {
	if n.Kind == yaml.ScalarNode || n.Kind == yaml.SequenceNode {
		word, ok := r.Text(n, targetExpected)
		if !ok {
			return target{}
		}
		for _, t := range targets {
			if t == word {
				return target{kind: t}
			}
		}
		for _, room := range rooms {
			if strings.EqualFold(room, word) {
				r.Wrong(n, "which %s? Write to: {%s: $name}, or with a name that is always the same", room, room)
				return target{}
			}
		}
		r.Wrong(n, "an event cannot go to %s%s", yamlfile.Quoted(word), r.Instead(word, slices.Concat(targets, rooms)))
		return target{}
	}
	fields := r.Fields(n, "to", rooms...)
	delete(fields, yamlfile.Unknown)
	if len(fields) > 1 {
		r.Wrong(n, "an event goes to one target at a time; list two under do:")
		return target{}
	}
	for kind, e := range fields {
		what := "group"
		if kind == "user" {
			what = kind
		}
		name := r.name(e.Value, what, list)
		return target{kind: kind, name: name}
	}
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		r.Wrong(n, "there is nothing here: %s", targetExpected)
	}
	return target{}
}

// of is the target in one call.
func (t target) of(x *hub.Context, arguments []any) (hub.Target, error) {
	switch t.kind {
	case "all":
		return x.All(), nil
	case "others":
		return x.Others(), nil
	case "caller":
		return x.Caller(), nil
	case "scope":
		return x.Scope(), nil
	case "othersInScope":
		return x.OthersInScope(), nil
	case "user":
		name, err := nameOf(t.name, "user", x, arguments)
		return x.User(name), err
	}
	name, err := nameOf(t.name, "group", x, arguments)
	if t.kind == "othersInGroup" {
		return x.OthersInGroup(name), err
	}
	return x.Group(name), err
}
