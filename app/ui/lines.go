package ui

import "slices"

// MaxLines is how many lines a [Log] keeps.
const MaxLines = 500

// Line is one line of a log: who said what. Both are text of any kind and any
// origin.
type Line struct{ Name, Text string }

// Lines are the newest lines of a log, [MaxLines] at most. The zero value is
// empty. A copy is a snapshot: Add on the original does not change it.
type Lines struct {
	kept    []Line
	dropped int // lines before the first kept one
}

// Add appends a line, and forgets the oldest one when there are too many.
func (l *Lines) Add(name, text string) {
	l.kept = append(l.kept, Line{Name: name, Text: text})
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
