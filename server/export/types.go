package export

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"partline.dev/shared/contract"
)

// form is what a value is to a peer in another language.
type form uint8

const (
	formNone form = iota
	formBool
	formInteger
	formFloat
	formText
	formBytes
	formTime
	formJSON
	formPointer
	formList
	formMap
	formStruct
	formEnum
)

// formOf tells what the values of t are. That t can travel was checked before.
func formOf(t reflect.Type) form {
	switch t {
	case reflect.TypeFor[contract.None]():
		return formNone
	case reflect.TypeFor[contract.RawJSON]():
		return formJSON
	case reflect.TypeFor[time.Time]():
		return formTime
	}
	switch t.Kind() {
	case reflect.Bool:
		return formBool
	case reflect.Float32, reflect.Float64:
		return formFloat
	case reflect.String:
		return formText
	case reflect.Pointer:
		return formPointer
	case reflect.Map:
		return formMap
	case reflect.Struct:
		return formStruct
	case reflect.Slice:
		if t.Elem() == reflect.TypeFor[byte]() {
			return formBytes
		}
		return formList
	}
	if t.Implements(reflect.TypeFor[contract.Enum]()) {
		return formEnum
	}
	return formInteger
}

// nullable tells whether a value of the form can be null when it arrives.
func (f form) nullable() bool {
	return f == formBytes || f == formPointer || f == formList || f == formMap
}

// value is one named value of an enum.
type value struct {
	name   string
	number int64
}

// valuesOf are the values of an enum, by number.
func valuesOf(t reflect.Type) []value {
	e, _ := reflect.TypeAssert[contract.Enum](reflect.Zero(t))
	names := e.EnumNames()
	var list []value
	for _, n := range slices.Sorted(maps.Keys(names)) {
		list = append(list, value{names[n], n})
	}
	return list
}

// namedTypes are the structs and enums with a name that the APIs are made of, in
// the order in which they are met.
func namedTypes(apis []*contract.API) []reflect.Type {
	var w walk
	for _, a := range apis {
		for _, d := range a.Members() {
			for _, argument := range d.Arguments() {
				w.visit(argument.Type)
			}
			for _, upload := range d.Uploads() {
				w.visit(upload.Type)
			}
			if d.Response() != nil {
				w.visit(d.Response())
			}
		}
	}
	return w.met
}

type walk struct{ met []reflect.Type }

func (w *walk) visit(t reflect.Type) {
	switch formOf(t) {
	case formPointer, formList, formMap:
		w.visit(t.Elem())
	case formEnum:
		if !slices.Contains(w.met, t) {
			w.met = append(w.met, t)
		}
	case formStruct:
		if t.Name() != "" {
			if slices.Contains(w.met, t) {
				return
			}
			w.met = append(w.met, t)
		}
		for field := range t.Fields() {
			w.visit(field.Type)
		}
	}
}

// isNone tells whether a member of that result or item says nothing but "done".
func isNone(t reflect.Type) bool { return formOf(t) == formNone }
