package yamlfile

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"
)

// Mistake is one thing that is wrong with a file.
type Mistake struct {
	File string // empty: nobody has said
	Line int    // from 1
	Text string // what is wrong, and what would be right
}

// String returns file:line: text.
func (m Mistake) String() string {
	if m.File == "" {
		return fmt.Sprintf("line %d: %s", m.Line, m.Text)
	}
	return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Text)
}

// Mistakes are all that is wrong with a file, in the order of its lines; at least
// one. What is not YAML is not read any further: then they end with the line where
// that is. Past a thousand no more are looked for.
type Mistakes []Mistake //nolint:errname // what a user makes is a mistake, not an error of the program

const (
	maxMistakes = 1000
	maxText     = 2000 // bytes of a mistake's text
)

// Error returns a line for each mistake.
func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, one := range m {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// In is m with the name of the file that was read.
func (m Mistakes) In(file string) Mistakes {
	named := slices.Clone(m)
	for i := range named {
		named[i].File = file
	}
	return named
}

// WrongAt notes a mistake, as one line of text whatever the file has in it.
func (r *Reader) WrongAt(line int, format string, a ...any) {
	if len(r.mistakes) == maxMistakes {
		return
	}
	if r.lines > 0 {
		line = min(line, r.lines) // the end of the file is below its last line
	}
	text := fmt.Sprintf(format, a...)
	text = strings.ToValidUTF8(text[:min(len(text), maxText)], "")
	text = strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return unicode.ReplacementChar
	}, text)
	r.mistakes = append(r.mistakes, Mistake{Line: max(line, 1), Text: text})
}

// Wrong notes a mistake where n stands.
func (r *Reader) Wrong(n *yaml.Node, format string, a ...any) { r.WrongAt(n.Line, format, a...) }

// Quoted is a word of the file as mistakes show it, the beginning of a long one.
func Quoted(word string) string {
	const most = 60
	if len(word) > most {
		word = strings.ToValidUTF8(word[:most], "") + "..."
	}
	return strconv.Quote(word)
}

// Count is how many mistakes were noted so far.
func (r *Reader) Count() int { return len(r.mistakes) }

// Mistakes are those that were noted, by line; nil if there are none.
func (r *Reader) Mistakes() Mistakes {
	slices.SortStableFunc(r.mistakes, func(a, b Mistake) int { return cmp.Compare(a.Line, b.Line) })
	return r.mistakes
}
