package declared

import (
	"strconv"

	"go.yaml.in/yaml/v4"

	"partline.dev/server/yamlfile"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// event is one that a hub publishes. All that publish it say the same number of
// values; where they differ in kind, the event's argument is of one that holds
// both.
type event struct {
	name      string
	line      int // of the first to publish it
	arguments []argument
	declared  contract.Declared // once the whole hub was read
}

// events are those of one hub, in the order in which they are first published.
type events struct {
	list   []*event
	byName map[string]*event // by folded name
}

// event is the event called name, which is published at n with values.
func (r *reader) event(all *events, n *yaml.Node, name string, values []value) *event {
	if err := contract.ValidName(name); err != nil {
		r.Wrong(n, "no event can be called that: %v", err)
		return nil
	}
	if len(values) > wire.MaxArguments {
		r.Wrong(n, "these are %d values; an event has at most %d", len(values), wire.MaxArguments)
		return nil
	}
	key := yamlfile.Fold(name)
	e := all.byName[key]
	switch {
	case e == nil:
		e = &event{name: name, line: n.Line, arguments: labelled(values)}
		all.list, all.byName[key] = append(all.list, e), e
	case e.name != name:
		r.Wrong(n, "line %d publishes %s: to a page it is the same in any case, so write it in one", e.line, e.name)
	case len(e.arguments) != len(values):
		r.Wrong(n, "%s has %s here and %s in line %d; an event always has the same: choose them by with, or publish another event",
			name, counted(len(values)), counted(len(e.arguments)), e.line)
	default:
		for i, v := range values {
			e.arguments[i].kind = e.arguments[i].kind.with(v.kind)
		}
	}
	return e
}

func counted(n int) string {
	switch n {
	case 0:
		return "no arguments"
	case 1:
		return "1 argument"
	}
	return strconv.Itoa(n) + " arguments"
}

// labelled are the arguments of an event that says values, each with a name of its
// own.
func labelled(values []value) []argument {
	list := make([]argument, len(values))
	taken := map[string]bool{}
	for i, v := range values {
		name := v.label
		for n := 2; taken[yamlfile.Fold(name)]; n++ {
			name = v.label + strconv.Itoa(n)
		}
		taken[yamlfile.Fold(name)] = true
		list[i] = argument{name: name, kind: v.kind}
	}
	return list
}
