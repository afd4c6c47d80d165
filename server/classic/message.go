package classic

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// maxState is the longest state of a caller that is read, in UTF-16 units, which
// is what .NET counts.
const maxState = 4096

// errInvocation is what is no call of a hub's method. What wraps it says why, and
// has nothing of the client's in it.
var errInvocation = errors.New("the invocation is malformed")

// invocation is what a client sends to call a method. The byte slices alias what
// was read.
type invocation struct {
	hub, method string
	id          string // empty: nobody waits for the answer
	arguments   []byte // a JSON array
	count       int    // of its values
	state       []byte // a JSON object; nil: none
}

// readInvocation reads a call. Its members may stand in any order, of two of one
// name the last counts, and others are skipped. If it can be answered although it
// is wrong, its id is there with the error.
func readInvocation(text []byte) (v invocation, err error) {
	var members [5][]byte
	err = wire.Members(text, func(name, value []byte) error {
		if len(name) == 1 {
			if i := strings.IndexByte("HMIAS", name[0]); i >= 0 {
				members[i] = value
			}
		}
		return nil
	})
	if err != nil {
		return invocation{}, fmt.Errorf("%w: %w", errInvocation, err)
	}
	if v.id, err = readID(members[2]); err != nil {
		return invocation{}, err
	}
	if v.hub, err = readText(members[0], "H"); err != nil {
		return invocation{id: v.id}, err
	}
	if v.method, err = readText(members[1], "M"); err != nil {
		return invocation{id: v.id}, err
	}
	if v.arguments, v.count, err = readArguments(members[3]); err != nil {
		return invocation{id: v.id}, err
	}
	if v.state, err = readState(members[4]); err != nil {
		return invocation{id: v.id}, err
	}
	return v, nil
}

// isNull tells whether a member is not there, or null.
func isNull(value []byte) bool { return len(value) == 0 || value[0] == 'n' }

// readText reads the name of a hub or method.
func readText(value []byte, member string) (string, error) {
	if isNull(value) {
		return "", fmt.Errorf("%w: it has no %s", errInvocation, member)
	}
	name, err := wire.JSONText(value)
	if err != nil {
		return "", fmt.Errorf("%w: its %s is not a string", errInvocation, member)
	}
	if contract.ValidName(name) != nil {
		return "", fmt.Errorf("%w: its %s is no name", errInvocation, member)
	}
	return name, nil
}

// readID reads an invocation's id, which is a number to JavaScript clients and a
// string to others.
func readID(value []byte) (string, error) {
	if isNull(value) {
		return "", nil
	}
	id := string(value)
	if value[0] == '"' {
		id, _ = wire.JSONText(value) // it has been checked
	} else if strings.Trim(id, "0123456789") != "" {
		return "", fmt.Errorf("%w: its I is neither a string nor a whole number", errInvocation)
	}
	if len(id) > wire.MaxName {
		return "", fmt.Errorf("%w: its I is longer than %d bytes", errInvocation, wire.MaxName)
	}
	return id, nil
}

// readArguments counts the arguments.
func readArguments(value []byte) (array []byte, count int, err error) {
	if isNull(value) {
		return []byte("[]"), 0, nil
	}
	if value[0] != '[' {
		return nil, 0, fmt.Errorf("%w: its A is not an array", errInvocation)
	}
	_ = wire.Elements(value, func([]byte) error { count++; return nil }) // it has been checked
	if count > wire.MaxArguments {
		return nil, 0, fmt.Errorf("%w: it has more than %d arguments", errInvocation, wire.MaxArguments)
	}
	return value, count, nil
}

// readState checks the caller's state.
func readState(value []byte) ([]byte, error) {
	if isNull(value) {
		return nil, nil
	}
	if value[0] != '{' {
		return nil, fmt.Errorf("%w: its S is not an object", errInvocation)
	}
	if len(value) > maxState && units(string(value)) > maxState {
		return nil, fmt.Errorf("%w: its S is longer than %d characters", errInvocation, maxState)
	}
	return value, nil
}

// units is how many UTF-16 units s has.
func units(s string) (n int) {
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
