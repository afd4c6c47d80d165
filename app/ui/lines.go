package ui

import (
	"slices"

	"partline.dev/shared/access"
)

// MaxLines is how many lines a [Log] keeps.
const MaxLines = 500

// Line is one line of a log: who said what. Name and Text are text of any kind and
// any origin; From is who the server knows said it, and zero if it knows nobody. Of
// a Name that the server has made of that author and a label ("Ann · Part One"),
// the log shows the author as such.
type Line struct {
	Name, Text string
	From       access.Person
}

// Lines are the newest lines of a log, [MaxLines] at most. The zero value is
// empty. A copy is a snapshot: Add on the original does not change it.
type Lines struct {
	kept    []Line
	dropped int // lines before the first kept one
}

// Add appends a line, and forgets the oldest one when there are too many.
func (l *Lines) Add(line Line) {
	l.kept = append(l.kept, line)
	if over := len(l.kept) - MaxLines; over > 0 {
		// The slice moves on instead of its elements, so snapshots stay as
		// they are; append makes a new array now and then and frees the old.
		l.kept = l.kept[over:]
		l.dropped += over
	}
}

// Len is the number of lines that are kept.
func (l Lines) Len() int { return len(l.kept) }

// All are the lines that are kept, oldest first.
func (l Lines) All() []Line { return slices.Clone(l.kept) }
