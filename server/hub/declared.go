package hub

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// ErrArguments is what values give that are not the arguments of a declared event.
var ErrArguments = errors.New("the values are not the event's arguments")

// HandleDeclared is [Handle] for a method that was declared at run time. F is
// given one value for each argument of the method, of the type that its
// declaration names, and the zero value for one that was left out. The result must
// be of the type that the declaration names, or nil if that is contract.None.
func HandleDeclared(m *Mux, d contract.Declared, f func(x *Context, arguments []any) (result any, err error), options ...MethodOption) {
	entry := newMethod[struct{}](d.Descriptor(), options)
	request := d.Descriptor().Request()
	entry.bind = func(codec wire.Codec, raw []byte) (any, error) {
		v := reflect.New(request)
		return v.Interface(), codec.ReadArguments(raw, entry.arguments, v.Elem())
	}
	entry.call = func(x *Context, request any) (any, error) {
		v := reflect.ValueOf(request).Elem()
		arguments := make([]any, v.NumField())
		for i := range arguments {
			arguments[i] = v.Field(i).Interface()
		}
		return f(x, arguments)
	}
	m.add(entry)
}

// PublishDeclared is [Publish] for an event that was declared at run time. It
// gives ErrArguments too, unless there is one value for each argument of the event,
// of the type that its declaration names.
func PublishDeclared(ctx context.Context, to Target, event contract.Declared, arguments ...any) error {
	d := event.Descriptor()
	if d == nil {
		return publish(ctx, to, nil, reflect.Value{})
	}
	list := d.Arguments()
	if len(arguments) != len(list) {
		return fmt.Errorf("publish %s with %d values: %w", d.Name(), len(arguments), ErrArguments)
	}
	v := reflect.New(d.Request()).Elem()
	for i, a := range list {
		value := reflect.ValueOf(arguments[i])
		if !value.IsValid() || value.Type() != a.Type {
			return fmt.Errorf("publish %s: argument %s is a %s: %w", d.Name(), a.Name, a.Type, ErrArguments)
		}
		v.Field(a.Index).Set(value)
	}
	return publish(ctx, to, d, v)
}
