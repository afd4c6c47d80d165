package contract

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Dump returns what a says on the wire as stable text, one line for each thing
// that a peer could depend on: the hub, its members with their arguments in
// order, and the structs and enums they are made of with their fields and names.
//
//	hub connected
//	classic chatHub
//
//	method Send
//	  argument Name string
//	  argument Message string
//	  result none
//
// Structs and enums are known by their Go names; any other named type is what it
// is made of. [Compatible] tells whether one dump may follow another.
func Dump(a *API) string {
	d := dumper{known: map[reflect.Type]bool{}}
	d.line("hub %s", a.hub.name)
	d.line("classic %s", a.hub.classicName)
	if a.hub.explicitClassic && capital(a.hub.classicName) {
		d.line("verbatim") // without it pages would write the name in camelCase
	}
	for _, m := range a.members {
		d.member(m)
	}
	for len(d.named) > 0 {
		t := d.named[0]
		d.named = d.named[1:]
		if t.Kind() == reflect.Struct {
			d.structure(t)
		} else {
			d.enum(t)
		}
	}
	return d.text.String()
}

// capital tells whether camelCase is another spelling of name: whether one of the
// parts between its dots begins with a capital.
func capital(name string) bool {
	for part := range strings.SplitSeq(name, ".") {
		if part != "" && 'A' <= part[0] && part[0] <= 'Z' {
			return true
		}
	}
	return false
}

// dumper writes a dump and remembers which structs and enums it has met.
type dumper struct {
	text  strings.Builder
	named []reflect.Type // met, but not written yet
	known map[reflect.Type]bool
}

func (d *dumper) line(format string, a ...any) {
	fmt.Fprintf(&d.text, format+"\n", a...)
}

func (d *dumper) member(m *Descriptor) {
	d.line("\n%s %s", m.kind, m.name)
	for _, a := range m.arguments {
		optional := ""
		if a.Optional {
			optional = " optional"
		}
		d.line("  argument %s %s%s", a.Name, d.typeName(a.Type), optional)
	}
	for _, u := range m.uploads {
		d.line("  upload %s %s", u.Name, d.typeName(u.Type))
	}
	switch m.kind {
	case KindMethod, KindQuery:
		d.line("  result %s", d.typeName(m.response))
	case KindStream:
		d.line("  item %s", d.typeName(m.response))
	}
	if m.progress != nil {
		d.line("  progress %s", d.typeName(m.progress))
	}
	if m.verbatim {
		d.line("  verbatim")
	}
}

func (d *dumper) structure(t reflect.Type) {
	d.line("\nstruct %s", d.goName(t))
	for field := range t.Fields() {
		d.line("  field %s %s", field.Name, d.typeName(field.Type))
	}
}

func (d *dumper) enum(t reflect.Type) {
	d.line("\nenum %s %s", d.goName(t), t.Kind())
	e, _ := reflect.TypeAssert[Enum](reflect.Zero(t))
	names := e.EnumNames()
	for _, n := range slices.Sorted(maps.Keys(names)) {
		d.line("  value %d %s", n, names[n])
	}
}

// typeName is what t is on the wire. Types that cannot travel have their Go
// name; the start-up check of shared/wire refuses them.
func (d *dumper) typeName(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[None]():
		return "none"
	case reflect.TypeFor[RawJSON]():
		return "json"
	case reflect.TypeFor[time.Time]():
		return "time"
	}
	switch t.Kind() {
	case reflect.Struct:
		return d.goName(t)
	case reflect.Pointer:
		return "*" + d.typeName(t.Elem())
	case reflect.Slice:
		if t.Elem() == reflect.TypeFor[byte]() {
			return "bytes"
		}
		return "[]" + d.typeName(t.Elem())
	case reflect.Map:
		return "map[" + t.Key().Kind().String() + "]" + d.typeName(t.Elem())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if t.Implements(reflect.TypeFor[Enum]()) {
			return d.goName(t)
		}
		return t.Kind().String()
	case reflect.Bool, reflect.Float32, reflect.Float64, reflect.String:
		return t.Kind().String()
	}
	return t.String()
}

// goName is the name of a struct or enum type with the path of its package, or
// all of a struct that has no name.
func (d *dumper) goName(t reflect.Type) string {
	if t.Name() == "" {
		var fields []string
		for field := range t.Fields() {
			fields = append(fields, field.Name+" "+d.typeName(field.Type))
		}
		return "struct{" + strings.Join(fields, "; ") + "}"
	}
	if !d.known[t] {
		d.known[t] = true
		d.named = append(d.named, t)
	}
	return t.PkgPath() + "." + t.Name()
}
