package client

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

var (
	errCanceled = errors.New("the call was canceled")
	errSource   = errors.New("the source of the values failed")
)

// upload is one stream of values to the hub, beside the call that it belongs to.
type upload struct {
	id      string
	name    string // of the field
	plan    *wire.Plan
	values  reflect.Value // an iter.Seq2 of values and errors
	session *session
	fail    func(error) // hears of a value that cannot be sent

	stopped context.Context // ends when nothing more is wanted
	cancel  context.CancelFunc

	mu   sync.Mutex // protects following, and that nothing is queued behind the end
	over bool
}

func newUpload(a contract.Argument, field reflect.Value, id string) (*upload, error) {
	plan, err := wire.PlanOf(a.Type)
	if err != nil {
		return nil, err
	}
	u := &upload{id: id, name: a.Name, plan: plan, values: field.Field(0)}
	u.stopped, u.cancel = context.WithCancel(context.Background())
	return u, nil
}

// run sends the values, one after the other.
func (u *upload) run() {
	defer u.cancel()
	defer func() {
		if reason := recover(); reason != nil {
			u.session.c.options.Log(fmt.Sprintf("the source of the upload %s panicked: %v\n%s", u.name, reason, stack()))
			u.finish(errSource)
		}
	}()
	if u.values.IsNil() {
		u.finish(nil)
		return
	}
	for v, problem := range u.values.Seq2() {
		if err, _ := reflect.TypeAssert[error](problem); err != nil {
			u.finish(err)
			return
		}
		err := u.send(v)
		if errors.Is(err, context.Canceled) || errors.Is(err, ErrNotConnected) {
			return // nobody wants more
		}
		if err != nil {
			err = fmt.Errorf("upload %s: %w", u.name, err)
			u.finish(err)
			u.fail(err)
			return
		}
	}
	u.finish(nil)
}

// send sends one value, when there is room for it.
func (u *upload) send(v reflect.Value) error {
	c := u.session.c
	m := wire.Message{Kind: wire.StreamItem, InvocationID: []byte(u.id)}
	var err error
	if m.Value, err = c.codec.AppendValue(nil, u.plan, v); err != nil {
		return err
	}
	frame, err := c.frame(&m)
	if err != nil {
		return err
	}
	for {
		room, err := u.put(frame)
		if room == nil || err != nil {
			return err
		}
		select {
		case <-room:
		case <-u.stopped.Done():
		}
	}
}

func (u *upload) put(frame []byte) (room <-chan struct{}, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.over {
		return nil, context.Canceled
	}
	_, room, err = u.session.out.put(frame)
	return room, err
}

// finish tells the hub that no more values come, and why if that is too soon.
// Only the first call counts.
func (u *upload) finish(err error) {
	m := wire.Message{Kind: wire.Completion, InvocationID: []byte(u.id)}
	if err != nil {
		m.HasError, m.Error = true, []byte(err.Error())
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.over {
		u.over = true
		u.session.out.putSmall(u.session.c.codec.Append(nil, &m), true)
	}
	u.cancel()
}

// stop ends the upload of a call to which the hub has answered: it wants no
// more.
func (u *upload) stop() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.over = true
	u.cancel()
}
