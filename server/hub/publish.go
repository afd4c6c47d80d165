package hub

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// Publish sends an event to everybody in the target, at most once each. It
// returns when the event is queued for each of them, in an order that holds for
// this sender and target. It encodes v once per codec, before it returns, so v
// is the caller's again then. If the target is of a call whose caller has an ID or
// a name, the event says who that is; clients of SignalR 2 and of raw hubs do not
// hear it.
//
// It gives ErrForeign if the event is not of the target's hub, contract.ErrName
// for a group or user that cannot exist, an [*access.Refusal] for a scope that cannot,
// or if a call publishes where its caller may only listen, the context's error if it
// has ended,
// and an error of package wire if v cannot be encoded and there is anybody to
// hear it; then nobody does. A member that is gone or too slow is no error.
func Publish[T any](ctx context.Context, to Target, event contract.Event[T], v T) error {
	return publish(ctx, to, event.Descriptor(), reflect.ValueOf(&v).Elem())
}

// publish is Publish with the event's descriptor, which may be nil, and its
// struct.
func publish(ctx context.Context, to Target, d *contract.Descriptor, v reflect.Value) error {
	mux := to.from.mux
	if mux == nil {
		return ErrNotMounted
	}
	if d == nil || !mux.has(d) {
		return fmt.Errorf("publish on hub %s: %w", mux.Name(), ErrForeign)
	}
	arguments, err := wire.ArgumentsOf(d)
	if err != nil {
		return err
	}
	target, sender := []byte(d.Name()), to.from.sender()
	e := newEvent(wire.Invocation, func(dst []byte, codec wire.Codec) ([]byte, error) {
		m := wire.Message{Kind: wire.Invocation, Hub: mux.classicName, Target: target, Headers: sender}
		return appendInvocation(dst, codec, &m, arguments, v)
	})
	return send(ctx, to, d.Name(), e)
}

// send queues e, which is called name, for everybody in the target.
func send(ctx context.Context, to Target, name string, e *Event) error {
	mux := to.from.mux
	if mux == nil || mux.core == nil {
		return ErrNotMounted
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := to.permit(); err != nil {
		return err
	}
	_, ended := mux.core.trace(ctx, Operation{Kind: OperationPublish, Hub: mux.Name(), Method: name})
	err := mux.core.deliver(&to, e)
	ended(err)
	if to.charge != nil {
		to.charge(e.size())
	}
	return err
}

// appendInvocation appends m with the fields of v as its arguments.
func appendInvocation(dst []byte, codec wire.Codec, m *wire.Message, p *wire.Arguments, v reflect.Value) ([]byte, error) {
	args, err := codec.AppendArguments(nil, p, v)
	if err != nil {
		return nil, err
	}
	m.Arguments = args
	return codec.Append(dst, m), nil
}

// deliver queues e for everybody in t.
func (c *Core) deliver(t *Target, e *Event) error {
	d := delivery{target: t, event: e, now: c.env.Now()}
	switch {
	case t.only != nil:
		d.send(t.only)
	case t.ids != nil:
		for i, id := range t.ids {
			if conn := c.find(t.from, id); conn != nil && !repeats(t.ids, i) {
				d.send(conn)
			}
		}
	case len(t.rooms) == 1:
		d.sendRoom(c.rooms.find(t.rooms[0]))
	default:
		d.seen = map[*Conn]struct{}{}
		for _, key := range t.rooms {
			d.sendRoom(c.rooms.find(key))
		}
	}
	for _, conn := range d.slow {
		conn.overflowed()
	}
	if d.err != nil {
		return d.err
	}
	return c.recents.keep(e, t, t.rooms, d.own)
}

// repeats tells whether ids[i] stands before i already.
func repeats(ids []string, i int) bool {
	return slices.Contains(ids[:i], ids[i])
}

// delivery is one event being queued.
type delivery struct {
	target *Target
	event  *Event
	now    int64
	seen   map[*Conn]struct{} // nil: nobody can come twice
	slow   []*Conn            // to be closed once no lock is held
	own    []*Conn            // followers that it is for, and not through a room
	err    error              // the event cannot be encoded
}

func (d *delivery) sendRoom(r *room) {
	if r == nil {
		return
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, m := range r.members {
		if d.seen != nil {
			if _, ok := d.seen[m.conn]; ok {
				continue
			}
			d.seen[m.conn] = struct{}{}
		}
		if m.conn.hearing != nil || d.target.omits(m.conn) {
			continue
		}
		if d.send(m.conn); d.err != nil {
			return
		}
	}
}

func (d *delivery) send(c *Conn) {
	if c.unlisted && !d.event.Last() {
		return
	}
	if c.hearing != nil && !d.event.Last() {
		d.own = append(d.own, c)
		return
	}
	err := c.sink.Send(d.event)
	switch {
	case err == nil:
		c.sentAt.Store(d.now)
	case errors.Is(err, ErrOverflow):
		d.slow = append(d.slow, c)
	case !errors.Is(err, ErrClosed):
		d.err = err
	}
}
