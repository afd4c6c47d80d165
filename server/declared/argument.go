package declared

import (
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"

	"partline.dev/server/yamlfile"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// argument is one argument of a method.
type argument struct {
	name     string
	kind     kind
	optional bool
}

const argumentsExpected = "arguments are a list of names, as [name, message], each with its kind if it is no text, as [name, amount: number]"

// arguments are those of a method, in order.
func (r *reader) arguments(n *yaml.Node) []argument {
	if !r.Is(n, yaml.SequenceNode, argumentsExpected) {
		return nil
	}
	if len(n.Content) > wire.MaxArguments {
		r.Wrong(n, "these are %d arguments; a method has at most %d", len(n.Content), wire.MaxArguments)
		return nil
	}
	var list []argument
	for _, c := range n.Content {
		a, ok := r.argument(c)
		if !ok { // it keeps its place, so that nothing else seems wrong
			list = append(list, a)
			continue
		}
		for _, other := range list {
			if strings.EqualFold(other.name, a.name) {
				r.Wrong(c, "two arguments are called %s, which is the same in any case", yamlfile.Quoted(a.name))
			}
		}
		if len(list) > 0 && list[len(list)-1].optional && !a.optional {
			r.Wrong(c, "%s comes after %s, which may be left out; so it must be one that may too: %s?",
				a.name, list[len(list)-1].name, a.name)
		}
		list = append(list, a)
	}
	return list
}

// argument is one of the list: a name, or a name with a kind.
func (r *reader) argument(n *yaml.Node) (a argument, ok bool) {
	name, ofKind := n, true
	if n.Kind == yaml.MappingNode {
		if len(n.Content) != 2 {
			r.Wrong(n, "each argument is an entry of the list: [name, amount: number]")
			return a, false
		}
		name = n.Content[0]
		a.kind, ofKind = r.kind(n.Content[1])
	}
	if a.name, ok = r.Text(name, argumentsExpected); !ok {
		return a, false
	}
	a.name, a.optional = strings.CutSuffix(a.name, "?")
	if !isWord(a.name) {
		r.Wrong(name, "%s cannot be the name of an argument, which has letters, digits and underscores and begins with a letter", yamlfile.Quoted(a.name))
		return a, false
	}
	return a, ofKind
}

// kind reads the kind of an argument.
func (r *reader) kind(n *yaml.Node) (kind, bool) {
	word, ok := r.Text(n, "the kind of an argument is one of "+strings.Join(kinds, ", "))
	if !ok {
		return text, false
	}
	k := slices.Index(kinds, word)
	if k < 0 {
		r.Wrong(n, "%s is no kind of argument%s", yamlfile.Quoted(word), r.Instead(word, kinds))
		return text, false
	}
	return kind(k), true
}

// isWord tells whether name can stand after a $ and be a parameter in TypeScript.
func isWord(name string) bool {
	if contract.ValidName(name) != nil {
		return false
	}
	for i, c := range name {
		if !unicode.IsLetter(c) && (i == 0 || c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return true
}

// asContract are the arguments as a contract has them.
func asContract(list []argument) []contract.Argument {
	made := make([]contract.Argument, len(list))
	for i, a := range list {
		made[i] = contract.Argument{Name: a.name, Type: a.kind.goType(), Optional: a.optional}
	}
	return made
}
