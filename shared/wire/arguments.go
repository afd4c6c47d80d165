package wire

import (
	"fmt"
	"reflect"
	"sync"

	"partline.dev/shared/contract"
)

// Arguments is the plan of a request or event struct as a positional argument
// list. Uploads are not in it: they travel as streams of their own.
type Arguments struct {
	typ      reflect.Type
	list     []argument
	required int // how many must be present; the others are a tail
}

// argument is one place of the list.
type argument struct {
	name  string
	index int // of the field in the struct
	plan  *Plan
}

// Type is the struct type whose fields are the arguments.
func (p *Arguments) Type() reflect.Type { return p.typ }

// checkCount tells whether a list of n arguments is one of p's.
func (p *Arguments) checkCount(n int) error {
	switch {
	case n < p.required:
		return countError{n, p.required}
	case n > len(p.list):
		return countError{n, len(p.list)}
	}
	return nil
}

// present are the arguments of v that travel: all but zero ones of the tail.
func (p *Arguments) present(v reflect.Value) []argument {
	last := len(p.list)
	for last > p.required && v.Field(p.list[last-1].index).IsZero() {
		last--
	}
	return p.list[:last]
}

var argumentLists sync.Map // of *contract.Descriptor to *Arguments

// ArgumentsOf returns the argument list of d, made at the first call and kept.
// The error names d, the field and the reason.
func ArgumentsOf(d *contract.Descriptor) (*Arguments, error) {
	if p, ok := argumentLists.Load(d); ok {
		return p.(*Arguments), nil
	}
	list := d.Arguments()
	if len(list) > MaxArguments {
		return nil, fmt.Errorf("wire: %s %s.%s has %d arguments, more than %d",
			d.Kind(), d.Hub().Name(), d.Name(), len(list), MaxArguments)
	}
	p := &Arguments{typ: d.Request(), required: d.Required()}
	for _, a := range list {
		plan, err := memberPlan(d, a.Type, d.Request().String()+"."+a.Name)
		if err != nil {
			return nil, err
		}
		p.list = append(p.list, argument{name: a.Name, index: a.Index, plan: plan})
	}
	kept, _ := argumentLists.LoadOrStore(d, p)
	return kept.(*Arguments), nil
}

// CheckAPI makes every plan that the members of a need: arguments, uploads,
// results and progress. Its error is what would else be met at the first call.
func CheckAPI(a *contract.API) error {
	for _, d := range a.Members() {
		if _, err := ArgumentsOf(d); err != nil {
			return err
		}
		if len(d.Uploads()) > MaxStreamIDs {
			return fmt.Errorf("wire: %s %s.%s has %d uploads, more than %d",
				d.Kind(), d.Hub().Name(), d.Name(), len(d.Uploads()), MaxStreamIDs)
		}
		for _, u := range d.Uploads() {
			if _, err := memberPlan(d, u.Type, d.Request().String()+"."+u.Name); err != nil {
				return err
			}
		}
		for _, t := range []reflect.Type{d.Response(), d.Progress()} {
			if t == nil {
				continue
			}
			if _, err := memberPlan(d, t, t.String()); err != nil {
				return err
			}
		}
	}
	return nil
}

// memberPlan is planAt with an error that says whose plan it would have been.
func memberPlan(d *contract.Descriptor, t reflect.Type, path string) (*Plan, error) {
	p, err := planAt(t, path)
	if err != nil {
		return nil, fmt.Errorf("%s %s.%s: %w", d.Kind(), d.Hub().Name(), d.Name(), err)
	}
	return p, nil
}
