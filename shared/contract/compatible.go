package contract

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrIncompatible is what a change gives that would leave deployed peers behind.
var ErrIncompatible = errors.New("peers that are deployed would not understand the change")

// Compatible tells whether an API whose [Dump] is next may replace one whose
// dump is old, while peers of both are at work. What may change is this: there
// may be new members, methods and streams may gain optional arguments at the
// end, methods may begin to report progress, structs may gain fields, and enums values. Anything else is an [ErrIncompatible] that
// names the line. An event never gains an argument: a new one is made, under a
// new name.
func Compatible(old, next string) error {
	before, after := parseDump(old), parseDump(next)
	for _, s := range before {
		if err := s.survives(after); err != nil {
			return err
		}
	}
	return nil
}

// section is a paragraph of a dump: a heading and the lines below.
type section struct {
	heading string
	lines   []string
}

func parseDump(dump string) []section {
	var sections []section
	for paragraph := range strings.SplitSeq(strings.TrimSpace(dump), "\n\n") {
		heading, rest, _ := strings.Cut(paragraph, "\n")
		s := section{heading: heading}
		for line := range strings.SplitSeq(rest, "\n") {
			if line = strings.TrimSpace(line); line != "" {
				s.lines = append(s.lines, line)
			}
		}
		sections = append(sections, s)
	}
	return sections
}

// survives tells whether one of the sections after can stand for s. There are
// several of one heading where a method is overloaded.
func (s section) survives(after []section) error {
	err := fmt.Errorf("%s is gone: %w", s.heading, ErrIncompatible)
	for _, t := range after {
		if t.heading != s.heading {
			continue
		}
		if err = s.becomes(t); err == nil {
			return nil
		}
	}
	return err
}

// becomes tells whether s may change to t.
func (s section) becomes(t section) error {
	kind, _, _ := strings.Cut(s.heading, " ")
	if kind == "struct" || kind == "enum" {
		for _, line := range s.lines {
			if !slices.Contains(t.lines, line) {
				return s.changed("had", line)
			}
		}
		return nil
	}
	i := 0 // how many lines of s have their counterpart
	for _, line := range t.lines {
		switch {
		case i < len(s.lines) && line == s.lines[i]:
			i++
		case i < len(s.lines) && (strings.HasPrefix(s.lines[i], "argument ") || strings.HasPrefix(s.lines[i], "progress ")):
			return s.changed("had", s.lines[i])
		case kind != KindMethod.String() && kind != KindStream.String() || !isAddition(line):
			return s.changed("has now", line)
		}
	}
	if i < len(s.lines) {
		return s.changed("had", s.lines[i])
	}
	return nil
}

func (s section) changed(verb, line string) error {
	return fmt.Errorf("%s %s %q: %w", s.heading, verb, line, ErrIncompatible)
}

// isAddition tells whether a method or stream may gain the line.
func isAddition(line string) bool {
	return strings.HasPrefix(line, "argument ") && strings.HasSuffix(line, " optional") || strings.HasPrefix(line, "progress ")
}
