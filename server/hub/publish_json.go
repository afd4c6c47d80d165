package hub

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// PublishJSON is [Publish] for an event and arguments that come from outside the
// program: the event's name, in any case, and a JSON array of its arguments, which
// is checked against its declaration as a client's call is. It keeps nothing of
// arguments. It gives ErrUnknownEvent, and ErrArguments beside what is wrong with
// them, an error of package wire.
func PublishJSON(ctx context.Context, to Target, event string, arguments []byte) error {
	mux := to.from.mux
	if mux == nil {
		return ErrNotMounted
	}
	d := mux.event(event)
	if d == nil {
		return ErrUnknownEvent
	}
	v := reflect.New(d.Request()).Elem()
	if err := readArguments(arguments, d, v); err != nil {
		return fmt.Errorf("publish %s: %w: %w", d.Name(), ErrArguments, err)
	}
	return publish(ctx, to, d, v)
}

// event is the event of that name; nil: there is none.
func (m *Mux) event(name string) *contract.Descriptor {
	for _, d := range m.members() {
		if d.Kind() == contract.KindEvent && strings.EqualFold(d.Name(), name) {
			return d
		}
	}
	return nil
}

// readArguments reads the fields of v from JSON text that nobody has looked at.
func readArguments(text []byte, d *contract.Descriptor, v reflect.Value) error {
	plan, err := wire.ArgumentsOf(d)
	if err != nil {
		return err
	}
	whole, err := wire.PlanOf(reflect.TypeFor[contract.RawJSON]())
	if err != nil {
		return err
	}
	checked, err := wire.JSON.AppendValue(nil, whole, reflect.ValueOf(contract.RawJSON(text)))
	if err != nil {
		return err
	}
	return wire.JSON.ReadArguments(checked, plan, v)
}
