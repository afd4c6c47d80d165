package yamlfile

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Document returns the root of the one document that text is, or nil if it is
// none that could be read. All that it is about stands under the member called of.
func (r *Reader) Document(text []byte, of string) *yaml.Node {
	if len(text) > MaxFile {
		r.WrongAt(1, "the file is longer than 1 MiB")
		return nil
	}
	r.lines = bytes.Count(bytes.TrimSuffix(text, []byte("\n")), []byte("\n")) + 1
	if !r.readable(text) {
		return nil
	}
	loader, err := yaml.NewLoader(bytes.NewReader(text))
	if err != nil {
		r.WrongAt(1, "the file cannot be read: %v", err)
		return nil
	}
	var document, more yaml.Node
	switch err := loader.Load(&document); {
	case errors.Is(err, io.EOF):
		r.WrongAt(1, "the file is empty; it begins with: %s:", of)
		return nil
	case err != nil:
		r.syntax(text, err)
		return nil
	}
	switch err := loader.Load(&more); {
	case err == nil:
		r.Wrong(&more, "a second document begins here; all %s of a file stand under one: %s:", of, of)
	case !errors.Is(err, io.EOF):
		r.syntax(text, err)
		return nil
	}
	if len(document.Content) == 0 || Empty(document.Content[0]) {
		r.WrongAt(1, "the file is empty; it begins with: %s:", of)
		return nil
	}
	r.plain(document.Content[0])
	return document.Content[0]
}

// readable tells whether text is UTF-8 that an editor shows with the lines that
// YAML counts.
func (r *Reader) readable(text []byte) bool {
	before := len(r.mistakes)
	line := 1
	for rest := text; len(rest) > 0; {
		c, size := utf8.DecodeRune(rest)
		switch {
		case c == utf8.RuneError && size == 1:
			r.WrongAt(line, "a byte here is not UTF-8; save the file as UTF-8")
			return false
		case c == '\n':
			line++
		case c == '\r' && !bytes.HasPrefix(rest, []byte("\r\n")),
			c < ' ' && c != '\t' && c != '\r', c == 0x7f, 0x80 <= c && c < 0xa0, c == '\u2028', c == '\u2029', c == '\ufffe', c == '\uffff':
			r.WrongAt(line, "here is the character %U, which cannot be seen; take it out", c)
		}
		rest = rest[size:]
	}
	return len(r.mistakes) == before
}

// syntax notes where text stopped being YAML.
func (r *Reader) syntax(text []byte, err error) {
	failed := (*yaml.LoadError)(nil)
	if !errors.As(err, &failed) {
		r.WrongAt(1, "this is not YAML: %v", err)
		return
	}
	line := failed.Mark.Line
	// What was left open is what has to be mended.
	if failed.Stage == "scanner" && failed.ContextMark.Line > 0 {
		line = failed.ContextMark.Line
	}
	if row := lineOf(text, line); strings.Contains(row[:len(row)-len(strings.TrimLeft(row, " \t"))], "\t") {
		r.WrongAt(line, "the line is indented with a tab; YAML takes spaces")
		return
	}
	r.WrongAt(line, "this is not YAML: %s", failed.Message)
}

// lineOf is one line of text, from 1; empty if there is none.
func lineOf(text []byte, number int) string {
	for line := range bytes.Lines(text) {
		if number--; number == 0 {
			return string(line)
		}
	}
	return ""
}

// plain notes what could make a short file long, or a value something else than
// what stands there: anchors, aliases and tags.
func (r *Reader) plain(n *yaml.Node) {
	switch {
	case n.Kind == yaml.AliasNode:
		r.Wrong(n, "%s is an alias; write out here what it stands for, or put it in quotes if it is a text", Quoted("*"+n.Value))
		return
	case n.Anchor != "":
		r.Wrong(n, "%s is an anchor, which has no use here; put it in quotes if it is a text", Quoted("&"+n.Anchor))
	case n.Style&yaml.TaggedStyle != 0:
		r.Wrong(n, "%s is a tag, which has no use here; put it in quotes if it is a text", Quoted(n.Tag))
	}
	for _, c := range n.Content {
		r.plain(c)
	}
}
