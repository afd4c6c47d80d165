package hub

import (
	"errors"
	"fmt"
	"reflect"

	"partline.dev/shared/wire"
)

// ErrProgress is what [Report] gives for a value of a type that the method does not
// declare.
var ErrProgress = errors.New("the method does not report that")

// Report sends its caller a value while the method runs: what jQuery SignalR 2
// calls progress. Callers of other kinds hear nothing of it. P must be the type
// that the method declares with contract.WithProgress, else it gives ErrProgress;
// after the handler has returned it gives ErrAnswered, and an error of package wire
// if the value cannot be encoded.
func Report[P any](x *Context, progress P) error {
	if x.method == nil || x.method.Progress() == nil {
		return fmt.Errorf("%w: declare it with contract.WithProgress", ErrProgress)
	}
	if declared, is := x.method.Progress(), reflect.TypeFor[P](); declared != is {
		return fmt.Errorf("%w: %s declares %s, not %s", ErrProgress, x.method.Name(), declared, is)
	}
	if x.direct == nil || x.direct.progress == nil {
		return nil
	}
	plan, err := wire.PlanOf(reflect.TypeFor[P]())
	if err != nil {
		return err
	}
	value, err := x.conn.codec.AppendValue(nil, plan, reflect.ValueOf(&progress).Elem())
	if err != nil {
		return fmt.Errorf("progress of %s: %w", x.method.Name(), err)
	}
	d := x.direct
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over {
		return ErrAnswered
	}
	d.progress(value)
	return nil
}
