// Package yamlfile reads configuration files so that whoever writes one is told all
// that is wrong with it at once, each mistake by its line and with what would be
// right. What the members of a file mean is for the packages on top.
//
//	var r yamlfile.Reader
//	root := r.Document(text, "tenants")
//	for _, e := range r.Entries(root, "the file") { ... }
//	if wrong := r.Mistakes(); wrong != nil { ... }
//
// A file is YAML of one document of at most [MaxFile] bytes, without anchors,
// aliases and tags, so that reading it costs no more than its length.
//
// Concurrency: a [Reader] is for one goroutine and one file. Nothing here blocks.
package yamlfile

import (
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"

	"partline.dev/shared/contract"
)

// MaxFile is the longest file, in bytes.
const MaxFile = 1 << 20

// Reader reads one file. It goes on after a mistake, and what it returns then
// counts for nothing. The zero value is ready.
type Reader struct {
	lines    int // of the file; 0: not counted
	mistakes []Mistake
}

// Entry is a name and what belongs to it. The zero value is none, whose nodes are
// nil.
type Entry struct {
	Name  string
	Key   *yaml.Node
	Value *yaml.Node
}

// Entries are the names under n, which is called what, each once.
func (r *Reader) Entries(n *yaml.Node, what string) []Entry {
	if !r.Is(n, yaml.MappingNode, "in "+what+" stand names, each with a colon and what belongs to it") {
		return nil
	}
	var entries []Entry
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		e := Entry{Key: n.Content[i], Value: n.Content[i+1]}
		var ok bool
		if e.Name, ok = r.Text(e.Key, "what stands before the colon is a name"); !ok {
			continue
		}
		if len(e.Name) > contract.MaxName {
			r.Wrong(e.Key, "this name has %d bytes; a name has at most %d", len(e.Name), contract.MaxName)
			continue
		}
		if line, twice := first[e.Name]; twice {
			r.Wrong(e.Key, "%s stands here a second time; the first is in line %d", Quoted(e.Name), line)
			continue
		}
		first[e.Name] = e.Key.Line
		entries = append(entries, e)
	}
	return entries
}

// Unknown is among the fields if there are some that are not known, so that what
// seems to be missing is probably there.
const Unknown = ""

// Fields are the entries of n, which is called what, by name. Names that are not
// known are mistakes.
func (r *Reader) Fields(n *yaml.Node, what string, known ...string) map[string]Entry {
	fields := map[string]Entry{}
next:
	for _, e := range r.Entries(n, what) {
		for _, k := range known {
			if e.Name == k {
				fields[k] = e
				continue next
			}
		}
		r.Wrong(e.Key, "%s has no %s%s", what, Quoted(e.Name), r.Instead(e.Name, known))
		fields[Unknown] = e
	}
	return fields
}

// Is tells whether n is of the kind; expected says what should stand there.
func (r *Reader) Is(n *yaml.Node, kind yaml.Kind, expected string) bool {
	switch {
	case n.Kind == kind:
		return true
	case n.Kind == yaml.AliasNode: // which was a mistake already
	case Empty(n):
		r.Wrong(n, "there is nothing here: %s", expected)
	default:
		r.Wrong(n, "here is %s: %s", kindOf(n), expected)
	}
	return false
}

// Text is the text of n; expected says what should stand there.
func (r *Reader) Text(n *yaml.Node, expected string) (string, bool) {
	if n.Kind == yaml.ScalarNode && Empty(n) {
		r.Wrong(n, "there is nothing here: %s", expected)
		return "", false
	}
	return n.Value, r.Is(n, yaml.ScalarNode, expected)
}

// Texts are the one text of n, or those of the list that it is.
func (r *Reader) Texts(n *yaml.Node, expected string) []Entry {
	list := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		if list = n.Content; len(list) == 0 {
			r.Wrong(n, "the list is empty: %s", expected)
		}
	}
	var texts []Entry
	for _, one := range list {
		if text, ok := r.Text(one, expected); ok {
			texts = append(texts, Entry{Name: text, Value: one})
		}
	}
	return texts
}

// Fold is name as it is compared where case means nothing: names with one fold are
// one to strings.EqualFold.
func Fold(name string) string {
	return strings.Map(func(c rune) rune {
		least := c
		for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
			least = min(least, f)
		}
		return least
	}, name)
}

// Empty tells whether nothing stands where a value could.
func Empty(n *yaml.Node) bool {
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
	return "the text " + Quoted(n.Value)
}
