package wire

import (
	"bytes"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"partline.dev/shared/contract"
)

// enum has the names of the values of one type, for the codecs that write names.
type enum struct {
	names   map[int64]string
	values  map[string]int64 // by name as declared
	members []enumMember     // for names in another case
}

type enumMember struct {
	name  []byte
	value int64
}

// enumOf returns the names of t's values, nil if t is no [contract.Enum].
func enumOf(t reflect.Type) (*enum, error) {
	if t.Kind() == reflect.Interface {
		return nil, nil // it has no plan, and no value to ask
	}
	e, ok := reflect.TypeAssert[contract.Enum](reflect.Zero(t))
	switch {
	case ok && t.Kind() == reflect.Pointer:
		return nil, nil // it is what t points to that may be one
	case !ok && reflect.PointerTo(t).Implements(reflect.TypeFor[contract.Enum]()):
		return nil, fmt.Errorf("EnumNames of %s has a pointer receiver", t)
	case !ok:
		return nil, nil
	case !isInteger(t.Kind()):
		return nil, fmt.Errorf("%s has EnumNames and is not an integer type", t)
	}
	names := e.EnumNames()
	if len(names) == 0 {
		return nil, fmt.Errorf("EnumNames of %s names nothing", t)
	}
	made := &enum{names: make(map[int64]string, len(names)), values: make(map[string]int64, len(names))}
	for n, name := range names {
		if err := made.check(t, n, name); err != nil {
			return nil, fmt.Errorf("EnumNames of %s: %w", t, err)
		}
		made.names[n], made.values[name] = name, n
		made.members = append(made.members, enumMember{[]byte(name), n})
	}
	return made, nil
}

// check tells why n cannot have that name.
func (e *enum) check(t reflect.Type, n int64, name string) error {
	if err := contract.ValidName(name); err != nil {
		return fmt.Errorf("the name of %d: %w", n, err)
	}
	if strings.Trim(name, "+-0123456789") == "" {
		return fmt.Errorf("the name %q of %d reads as a number", name, n)
	}
	for _, m := range e.members {
		if sameName(string(m.name), name) {
			return fmt.Errorf("%d and %d have names, %q one of them, that differ at most in case", min(m.value, n), max(m.value, n), min(string(m.name), name))
		}
	}
	if isSigned(t.Kind()) && t.OverflowInt(n) || !isSigned(t.Kind()) && (n < 0 || t.OverflowUint(uint64(n))) {
		return fmt.Errorf("%q is %d, which the type cannot hold", name, n)
	}
	return nil
}

func isSigned(k reflect.Kind) bool { return k >= reflect.Int && k <= reflect.Int64 }

func isInteger(k reflect.Kind) bool { return k >= reflect.Int && k <= reflect.Uint64 }

// name is what v is called: its name, or else its digits.
func (e *enum) name(v reflect.Value) string {
	if isSigned(v.Kind()) {
		if name, ok := e.names[v.Int()]; ok {
			return name
		}
		return strconv.FormatInt(v.Int(), 10)
	}
	u := v.Uint()
	if name, ok := e.names[int64(u)]; ok && int64(u) >= 0 {
		return name
	}
	return strconv.FormatUint(u, 10)
}

// value is the number that text names, in any case.
func (e *enum) value(text []byte) (n int64, ok bool) {
	if n, ok := e.values[string(text)]; ok {
		return n, true
	}
	for _, m := range e.members {
		if bytes.EqualFold(m.name, text) {
			return m.value, true
		}
	}
	return 0, false
}
