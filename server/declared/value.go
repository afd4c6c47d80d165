package declared

import (
	"math"
	"strings"

	"go.yaml.in/yaml/v4"

	"partline.dev/server/hub"
	"partline.dev/server/yamlfile"
	"partline.dev/shared/contract"
)

// value is what stands for a value in a file: an argument of the call, something
// that the server knows of the caller, or a constant.
type value struct {
	source   source
	kind     kind
	label    string // what an event calls it, and mistakes
	argument int    // of an argument: which one
	constant any    // of a constant, of kind's Go type
}

// source tells where a value comes from.
type source uint8

const (
	constant source = iota
	fromArgument
	fromUserID
	fromUserName
	fromConnectionID
)

// known are the values that the server knows of the caller.
var known = map[string]value{
	"$user.id":       {source: fromUserID, label: "userId"},
	"$user.name":     {source: fromUserName, label: "userName"},
	"$connection.id": {source: fromConnectionID, label: "connectionId"},
}

// of is the value in one call.
func (v value) of(x *hub.Context, arguments []any) any {
	switch v.source {
	case fromArgument:
		return arguments[v.argument]
	case fromUserID:
		return x.Principal().ID
	case fromUserName:
		return x.Principal().Name
	case fromConnectionID:
		return x.ConnectionID()
	}
	return v.constant
}

// ofArgument is the value of the argument at i.
func ofArgument(list []argument, i int) value {
	return value{source: fromArgument, kind: list[i].kind, label: list[i].name, argument: i}
}

const valueExpected = "a value is an argument, as $name, or a text, a number, true, false or null"

// value reads a value where the arguments of list are known.
func (r *reader) value(n *yaml.Node, list []argument) (v value, ok bool) {
	if n.Kind != yaml.ScalarNode {
		return v, r.Is(n, yaml.ScalarNode, valueExpected)
	}
	if n.Style == 0 && n.Value == "" {
		r.Wrong(n, "there is nothing here: %s", valueExpected)
		return v, false
	}
	v = value{label: "value", constant: n.Value}
	word, refers := strings.CutPrefix(n.Value, "$")
	if rest, escaped := strings.CutPrefix(word, "$"); refers && escaped {
		v.constant = "$" + rest
		return v, true
	}
	if refers {
		return r.reference(n, list)
	}
	switch n.ShortTag() {
	case "!!null":
		v.kind, v.constant = anything, contract.RawJSON("null")
	case "!!bool":
		v.kind, v.constant = boolean, n.Value == "true" || n.Value == "True" || n.Value == "TRUE"
	case "!!int":
		var i int64
		if err := n.Decode(&i); err != nil {
			r.Wrong(n, "%s has more digits than a whole number may have; put it in quotes if it is a text", yamlfile.Quoted(n.Value))
			return v, false
		}
		v.kind, v.constant = integer, i
	case "!!float":
		var f float64
		if !strings.ContainsAny(n.Value, ".eE") { // whole, and too large to be read as such
			r.Wrong(n, "%s has more digits than a whole number may have; put it in quotes if it is a text", yamlfile.Quoted(n.Value))
			return v, false
		}
		if err := n.Decode(&f); err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			r.Wrong(n, "%s is no number that can travel; put it in quotes if it is a text", yamlfile.Quoted(n.Value))
			return v, false
		}
		v.kind, v.constant = number, f
	}
	return v, true
}

// reference reads what begins with a $.
func (r *reader) reference(n *yaml.Node, list []argument) (value, bool) {
	if v, ok := known[n.Value]; ok {
		return v, true
	}
	var names []string
	for i, a := range list {
		if "$"+a.name == n.Value {
			return ofArgument(list, i), true
		}
		names = append(names, "$"+a.name)
	}
	if strings.Contains(n.Value, ".") || len(names) == 0 {
		names = append(names, "$connection.id", "$user.id", "$user.name")
	}
	r.Wrong(n, "the method has no argument for %s%s (a text that begins with $ is written with $$)", yamlfile.Quoted(n.Value), r.Instead(n.Value, names))
	return value{}, false
}

// name reads the value that is to be the name of what, a group or a user.
func (r *reader) name(n *yaml.Node, what string, list []argument) value {
	v, ok := r.value(n, list)
	switch {
	case !ok:
	case v.kind != text && v.source == fromArgument:
		r.Wrong(n, "$%s is of kind %s and cannot be the name of a %s, which is a text", v.label, v.kind, what)
	case v.kind != text:
		r.Wrong(n, "%s is no text, as the name of a %s is; put it in quotes", yamlfile.Quoted(n.Value), what)
	case v.source == constant:
		if err := contract.ValidName(v.constant.(string)); err != nil {
			r.Wrong(n, "no %s can be called that: %v", what, err)
		}
	}
	return v
}

// nameOf is the value of v in one call, if it can be the name of what.
func nameOf(v value, what string, x *hub.Context, arguments []any) (string, error) {
	name, _ := v.of(x, arguments).(string)
	if name == "" && (v.source == fromUserID || v.source == fromUserName) {
		return "", hub.Errorf("This is for users who are signed in.")
	}
	if err := contract.ValidName(name); err != nil {
		return "", hub.Errorf("No %s can be called what the argument %s says: %v.", what, v.label, err)
	}
	return name, nil
}
