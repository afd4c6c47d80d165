package hub

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// maxState is how many bytes of state one call may change, names included.
const maxState = 64 << 10

// What [SetState] and [Report] refuse.
var (
	// ErrAnswered: the call's handler has returned.
	ErrAnswered = errors.New("the call has been answered")

	// ErrStateTooLarge: a call may change 64 KiB of its caller's state.
	ErrStateTooLarge = errors.New("the call changes more than 64 KiB of its caller's state")
)

// State reads a value of the caller's state, the object that a page of jQuery
// SignalR 2 calls proxy.state and that travels with each call. It gives zero if
// there is no value of that name, and to callers that have no state, which are all
// others; an error of package wire if the value is of another type, and that of
// [wire.PlanOf] if T cannot travel. Names of members are as declared.
func State[T any](x *Context, key string) (T, error) {
	var value T
	plan, err := wire.PlanOf(reflect.TypeFor[T]())
	if err != nil || x.direct == nil {
		return value, err
	}
	d := x.direct
	d.mu.Lock()
	defer d.mu.Unlock()
	raw, err := d.bag.get(key)
	if err == nil && raw != nil {
		err = wire.JSONAsDeclared.ReadValue(raw, plan, reflect.ValueOf(&value).Elem())
	}
	if err != nil {
		return *new(T), fmt.Errorf("state %s: %w", key, err)
	}
	return value, nil
}

// SetState changes a value of the caller's state, which gets it with the answer to
// the call. For callers that have no state it does nothing. It gives
// contract.ErrName for a key that is no name, ErrStateTooLarge, ErrAnswered after
// the handler has returned, and an error of package wire if the value cannot
// travel; then nothing has changed.
func SetState[T any](x *Context, key string, value T) error {
	if err := contract.ValidName(key); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	plan, err := wire.PlanOf(reflect.TypeFor[T]())
	if err != nil || x.direct == nil {
		return err
	}
	raw, err := wire.JSONAsDeclared.AppendValue(nil, plan, reflect.ValueOf(&value).Elem())
	if err != nil {
		return fmt.Errorf("state %s: %w", key, err)
	}
	d := x.direct
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over {
		return ErrAnswered
	}
	if err := d.bag.set(key, raw); err != nil {
		return fmt.Errorf("state %s: %w", key, err)
	}
	return nil
}

// bag is the state of a call's caller.
type bag struct {
	raw     []byte                      // as it came
	came    map[string][]byte           // the same taken apart, once it is asked for
	changed map[string]contract.RawJSON // nil: nothing
	size    int                         // of changed
}

// get is the value called key; nil if there is none.
func (b *bag) get(key string) ([]byte, error) {
	if raw, ok := b.changed[key]; ok {
		return raw, nil
	}
	if err := b.open(); err != nil {
		return nil, err
	}
	return b.came[key], nil
}

// set changes the value called key.
func (b *bag) set(key string, raw []byte) error {
	if err := b.open(); err != nil {
		return err
	}
	size := b.size
	if old, ok := b.changed[key]; ok {
		size -= len(key) + len(old)
	}
	if string(b.came[key]) == string(raw) {
		delete(b.changed, key)
		b.size = size
		return nil
	}
	if size += len(key) + len(raw); size > maxState {
		return ErrStateTooLarge
	}
	if b.changed == nil {
		b.changed = map[string]contract.RawJSON{}
	}
	b.changed[strings.Clone(key)] = raw
	b.size = size
	return nil
}

// open takes the state apart.
func (b *bag) open() error {
	if b.came != nil || len(b.raw) == 0 {
		return nil
	}
	came := map[string][]byte{}
	err := wire.Members(b.raw, func(name, value []byte) error {
		came[string(name)] = value
		return nil
	})
	if err != nil {
		return err
	}
	b.came = came
	return nil
}

// changes are the values that have changed, as a JSON object; nil: none has.
func (b *bag) changes() []byte {
	if len(b.changed) == 0 {
		return nil
	}
	plan, err := wire.PlanOf(reflect.TypeOf(b.changed))
	if err != nil {
		return nil // a map of JSON can travel
	}
	object, err := wire.JSONAsDeclared.AppendValue(nil, plan, reflect.ValueOf(b.changed))
	if err != nil {
		return nil // each was checked when it was set
	}
	return object
}
