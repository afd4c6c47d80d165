package declared

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Mistake is one thing that is wrong with a file.
type Mistake struct {
	File string // as Read was given it; empty from Parse
	Line int    // from 1
	Text string // what is wrong, and what would be right
}

// Error returns file:line: text.
func (m Mistake) Error() string {
	if m.File == "" {
		return fmt.Sprintf("line %d: %s", m.Line, m.Text)
	}
	return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Text)
}

// Mistakes are all that is wrong with a file, in the order of its lines; at least
// one. YAML that cannot be read any further ends with the line where that is.
type Mistakes []Mistake

// Error returns a line for each mistake.
func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, one := range m {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// wrongAt notes a mistake.
func (r *reader) wrongAt(line int, format string, a ...any) {
	r.mistakes = append(r.mistakes, Mistake{Line: max(line, 1), Text: fmt.Sprintf(format, a...)})
}

// wrong notes a mistake where n stands.
func (r *reader) wrong(n *yaml.Node, format string, a ...any) { r.wrongAt(n.Line, format, a...) }

// sorted are the mistakes by line.
func (r *reader) sorted() Mistakes {
	slices.SortStableFunc(r.mistakes, func(a, b Mistake) int { return cmp.Compare(a.Line, b.Line) })
	return r.mistakes
}
