package declared

import (
	"reflect"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// kind is what a value can be.
type kind uint8

// The kinds, of which a text is what an argument is that says nothing else.
const (
	text kind = iota
	number
	integer
	boolean
	anything
)

// kinds are the words for them, in a file and in mistakes.
var kinds = []string{"text", "number", "integer", "boolean", "any"}

func (k kind) String() string { return kinds[k] }

// goType is the type of the values, as they travel.
func (k kind) goType() reflect.Type {
	switch k {
	case text:
		return reflect.TypeFor[string]()
	case number:
		return reflect.TypeFor[float64]()
	case integer:
		return reflect.TypeFor[int64]()
	case boolean:
		return reflect.TypeFor[bool]()
	}
	return reflect.TypeFor[contract.RawJSON]()
}

// with is the kind that holds values of both.
func (k kind) with(other kind) kind {
	switch {
	case k == other:
		return k
	case k == number && other == integer, k == integer && other == number:
		return number
	}
	return anything
}

// convert is v, of another kind, as one of k, which holds both.
func (k kind) convert(v any) (any, error) {
	if reflect.TypeOf(v) == k.goType() {
		return v, nil
	}
	if i, ok := v.(int64); ok && k == number {
		return float64(i), nil
	}
	plan, err := wire.PlanOf(reflect.TypeOf(v))
	if err != nil {
		return nil, err
	}
	json, err := wire.JSON.AppendValue(nil, plan, reflect.ValueOf(v))
	return contract.RawJSON(json), err
}
