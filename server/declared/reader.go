package declared

import (
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"

	"partline.dev/shared/contract"
)

// reader reads one file. It goes on after a mistake, and what it returns then
// counts for nothing.
type reader struct {
	options  *Options
	places   places
	lines    int // of the file; 0: not counted
	mistakes []Mistake
}

// entry is a name and what belongs to it.
type entry struct {
	name  string
	key   *yaml.Node
	value *yaml.Node
}

// entries are the names under n, which is called what, each once.
func (r *reader) entries(n *yaml.Node, what string) []entry {
	if !r.is(n, yaml.MappingNode, "in "+what+" stand names, each with a colon and what belongs to it") {
		return nil
	}
	var entries []entry
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		e := entry{key: n.Content[i], value: n.Content[i+1]}
		var ok bool
		if e.name, ok = r.text(e.key, "what stands before the colon is a name"); !ok {
			continue
		}
		if len(e.name) > contract.MaxName {
			r.wrong(e.key, "this name has %d bytes; a name has at most %d", len(e.name), contract.MaxName)
			continue
		}
		if line, twice := first[e.name]; twice {
			r.wrong(e.key, "%s stands here a second time; the first is in line %d", quoted(e.name), line)
			continue
		}
		first[e.name] = e.key.Line
		entries = append(entries, e)
	}
	return entries
}

// unknown is among the fields if there are some that are not known, so that what
// seems to be missing is probably there.
const unknown = ""

// fields are the entries of n, which is called what, by name. Names that are not
// known are mistakes.
func (r *reader) fields(n *yaml.Node, what string, known ...string) map[string]entry {
	fields := map[string]entry{}
next:
	for _, e := range r.entries(n, what) {
		for _, k := range known {
			if e.name == k {
				fields[k] = e
				continue next
			}
		}
		r.wrong(e.key, "%s has no %s%s", what, quoted(e.name), r.instead(e.name, known))
		fields[unknown] = e
	}
	return fields
}

// is tells whether n is of the kind; expected says what should stand there.
func (r *reader) is(n *yaml.Node, kind yaml.Kind, expected string) bool {
	switch {
	case n.Kind == kind:
		return true
	case n.Kind == yaml.AliasNode: // which was a mistake already
	case empty(n):
		r.wrong(n, "there is nothing here: %s", expected)
	default:
		r.wrong(n, "here is %s: %s", kindOf(n), expected)
	}
	return false
}

// text is the text of n; expected says what should stand there.
func (r *reader) text(n *yaml.Node, expected string) (string, bool) {
	if n.Kind == yaml.ScalarNode && empty(n) {
		r.wrong(n, "there is nothing here: %s", expected)
		return "", false
	}
	return n.Value, r.is(n, yaml.ScalarNode, expected)
}

// texts are the one text of n, or those of the list that it is.
func (r *reader) texts(n *yaml.Node, expected string) []entry {
	list := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		if list = n.Content; len(list) == 0 {
			r.wrong(n, "the list is empty: %s", expected)
		}
	}
	var texts []entry
	for _, one := range list {
		if text, ok := r.text(one, expected); ok {
			texts = append(texts, entry{name: text, value: one})
		}
	}
	return texts
}

// fold is name as it is compared where case means nothing: names with one fold are
// one to strings.EqualFold.
func fold(name string) string {
	return strings.Map(func(c rune) rune {
		least := c
		for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
			least = min(least, f)
		}
		return least
	}, name)
}

// empty tells whether nothing stands where a value could.
func empty(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Style == 0 && n.Value == "" || n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// kindOf is what an author would call n.
func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a name with a colon"
	case yaml.SequenceNode:
		return "a list"
	}
	return "the text " + quoted(n.Value)
}
