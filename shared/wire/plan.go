package wire

import (
	"fmt"
	"reflect"
	"sync"
	"time"

	"partline.dev/shared/contract"
)

// shape is what a value is on the wire, whatever its Go type is called.
type shape uint8

const (
	shapeNone   shape = iota // nothing: contract.None
	shapeBool                // bool
	shapeInt                 // int, int8 ... int64 and types named after them
	shapeUint                // uint, uint8 ... uint64 and types named after them
	shapeFloat               // float32, float64
	shapeText                // string
	shapeBytes               // []byte and types named after it
	shapeTime                // time.Time
	shapeRaw                 // contract.RawJSON
	shapePtr                 // pointer: null or what it points to
	shapeList                // slice
	shapeMap                 // map with string keys
	shapeStruct              // struct
)

// Plan says how the values of one Go type travel. It is made once by [PlanOf]
// and never changes.
type Plan struct {
	shape  shape
	typ    reflect.Type
	enum   *enum   // of an integer whose values have names
	elem   *Plan   // of a pointer, list or map
	fields []field // of a struct
}

// field is one member of a struct, with its names ready to be written.
type field struct {
	name string          // as declared
	keys [namings][]byte // as a peer names it
	json [namings][]byte // the same as written in JSON, with quotes and colon
	pack []byte          // the name as declared, as written in MessagePack
	plan *Plan
}

// Type is the Go type whose values the plan is for.
func (p *Plan) Type() reflect.Type { return p.typ }

var plans sync.Map // of reflect.Type to *Plan

// PlanOf returns the plan for values of type t, which is made at the first call
// and kept. What can travel: bool, integers, floats, string, []byte,
// [time.Time], [contract.RawJSON], [contract.None], and slices, maps with string
// keys, pointers and structs of those. Of a type's methods only EnumNames counts
// (see [contract.Enum]); MarshalJSON and the like are not called.
//
// Anything else is an error that names the type and the path to the field:
// arrays, interfaces, channels, functions, complex numbers, embedded and
// unexported fields, any struct tag, two fields whose names differ only in case,
// pointers to what can be null by itself, [time.Duration] (peers do not agree on
// its unit: use a number whose name says it), json.RawMessage, and an enum whose
// names are not as contract.Enum wants them.
func PlanOf(t reflect.Type) (*Plan, error) {
	if p, ok := plans.Load(t); ok {
		return p.(*Plan), nil
	}
	return planAt(t, t.String())
}

// planAt is PlanOf for a type that stands at path in another.
func planAt(t reflect.Type, path string) (*Plan, error) {
	b := planner{made: map[reflect.Type]*Plan{}}
	p, err := b.plan(t, path)
	if err != nil {
		return nil, fmt.Errorf("wire: %w", err)
	}
	// Only now are all plans whole. Another goroutine may have made them too;
	// either set works.
	for t, p := range b.made {
		plans.LoadOrStore(t, p)
	}
	return p, nil
}

// planner makes the plans of one type and of all that it is made of.
type planner struct {
	made map[reflect.Type]*Plan // also the unfinished, so that a type may contain itself
}

func (b *planner) plan(t reflect.Type, path string) (*Plan, error) {
	if p, ok := plans.Load(t); ok {
		return p.(*Plan), nil
	}
	if p, ok := b.made[t]; ok {
		return p, nil
	}
	s, err := shapeOf(t)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	p := &Plan{shape: s, typ: t}
	if p.enum, err = enumOf(t); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	b.made[t] = p
	switch s {
	case shapeList, shapeMap:
		p.elem, err = b.plan(t.Elem(), path+"[]")
	case shapePtr:
		if p.elem, err = b.plan(t.Elem(), path); err == nil && p.elem.nullable() {
			err = fmt.Errorf("%s: %s points to what can be null by itself", path, t)
		}
	case shapeStruct:
		p.fields, err = b.fields(t, path)
	}
	return p, err
}

// nullable tells whether null is a value of its own in p's type.
func (p *Plan) nullable() bool {
	switch p.shape {
	case shapeNone, shapeBytes, shapeRaw, shapePtr, shapeList, shapeMap:
		return true
	}
	return false
}

func (b *planner) fields(t reflect.Type, path string) ([]field, error) {
	var made []field
	for f := range t.Fields() {
		at := path + "." + f.Name
		switch {
		case f.Anonymous:
			return nil, fmt.Errorf("%s: it is embedded: name the field", at)
		case !f.IsExported():
			return nil, fmt.Errorf("%s: it is not exported, so it could not travel", at)
		case f.Tag != "":
			return nil, fmt.Errorf("%s: it has the tag `%s`; fields of a nested struct have none", at, f.Tag)
		}
		for _, other := range made {
			if sameName(other.name, f.Name) {
				return nil, fmt.Errorf("%s: its name differs from that of %s only in case", at, other.name)
			}
		}
		elem, err := b.plan(f.Type, at)
		if err != nil {
			return nil, err
		}
		made = append(made, newField(f.Name, elem))
	}
	return made, nil
}

func newField(name string, plan *Plan) field {
	f := field{name: name, pack: appendPackText(nil, name), plan: plan}
	for n := range namings {
		f.keys[n] = []byte(n.apply(name))
		f.json[n] = append(appendText(nil, f.keys[n]), ':')
	}
	return f
}

// shapeOf tells how values of type t travel, or why they cannot.
func shapeOf(t reflect.Type) (shape, error) {
	switch t {
	case reflect.TypeFor[contract.None]():
		return shapeNone, nil
	case reflect.TypeFor[contract.RawJSON]():
		return shapeRaw, nil
	case reflect.TypeFor[time.Time]():
		return shapeTime, nil
	case reflect.TypeFor[time.Duration]():
		return 0, fmt.Errorf("peers do not agree on the unit of a time.Duration: use a number whose name says it, as in TimeoutMS int64")
	}
	switch t.Kind() {
	case reflect.Bool:
		return shapeBool, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return shapeInt, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return shapeUint, nil
	case reflect.Float32, reflect.Float64:
		return shapeFloat, nil
	case reflect.String:
		return shapeText, nil
	case reflect.Slice:
		// By name, so that no WASM build has to carry encoding/json.
		if t.PkgPath() == "encoding/json" && t.Name() == "RawMessage" {
			return 0, fmt.Errorf("%s is not known here: use contract.RawJSON", t)
		}
		if t.Elem() == reflect.TypeFor[byte]() {
			return shapeBytes, nil
		}
		return shapeList, nil
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			return 0, fmt.Errorf("the keys of %s are not strings", t)
		}
		return shapeMap, nil
	case reflect.Pointer:
		return shapePtr, nil
	case reflect.Struct:
		return shapeStruct, nil
	}
	return 0, fmt.Errorf("%s has no form on the wire", t)
}
