package wire

import (
	"bytes"
	"strings"
	"unicode"
)

// naming picks one of the names that a field was given when its plan was made.
type naming uint8

// The namings. ASP.NET Core's JSON has camelCase names; classic SignalR's JSON
// and MessagePack have names as they were declared.
const (
	camelCase naming = iota
	asDeclared
	namings
)

// apply returns the Go name as the naming writes it.
func (n naming) apply(name string) string {
	if n == camelCase {
		return JSONName(name)
	}
	return name
}

// JSONName is what a field declared as name is called in [JSON]. It is what the
// camelCase policy of System.Text.Json makes: of a leading run of upper-case
// letters all are lowered, except the last if a letter that is not upper-case
// follows it. URLPath becomes urlPath, ID id.
func JSONName(name string) string {
	r := []rune(name)
	for i, c := range r {
		if i > 0 && (!unicode.IsUpper(c) || i+1 < len(r) && !unicode.IsUpper(r[i+1])) {
			break
		}
		r[i] = unicode.ToLower(c)
	}
	return string(r)
}

// sameName tells whether two names cannot be told apart by a reader, to whom
// case means nothing.
func sameName(a, b string) bool { return strings.EqualFold(a, b) }

// find returns the field that key names, or -1. Likely is the one that follows
// the last: peers mostly write the members in order.
func find(fields []field, key []byte, names naming, likely int) int {
	if likely < len(fields) && bytes.Equal(key, fields[likely].keys[names]) {
		return likely
	}
	for i := range fields {
		if bytes.EqualFold(key, fields[i].keys[names]) {
			return i
		}
	}
	return -1
}
