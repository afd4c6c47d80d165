package hub

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// ClientError is an error that a client told: why its upload ends before its
// time, or why it has no answer to a query. A handler that returns it gives its
// own caller what ASP.NET Core gives: an answer's error as an [Error], an
// upload's as an error that stays inside.
type ClientError struct {
	Message string

	answer bool // to a query
}

// Error returns the message.
func (e *ClientError) Error() string { return e.Message }

// errRanged is what the second range over an upload gives.
var errRanged = errors.New("an upload can be ranged over once")

// itemOverhead is what an item that waits counts for besides its bytes.
const itemOverhead = 64

// upload is one stream from a client, from the call that announces it to the end
// of that call. The connection's mutex protects it.
type upload struct {
	conn   *Conn
	id     string
	items  [][]byte      // raw, that the handler has not taken
	over   bool          // no more items are taken
	err    error         // what comes after the items; nil: nothing
	ranged bool          // the handler ranges over it, or did
	news   chan struct{} // closed when something changes; nil: nobody waits
}

// uploadField is the place of an upload in a request.
type uploadField struct {
	index int
	plan  *wire.Plan // of its items
}

// uploadFields are the uploads of d.
func uploadFields(d *contract.Descriptor) ([]uploadField, error) {
	var fields []uploadField
	for _, a := range d.Uploads() {
		plan, err := wire.PlanOf(a.Type)
		if err != nil {
			return nil, err
		}
		fields = append(fields, uploadField{a.Index, plan})
	}
	return fields, nil
}

// announce makes the uploads that t comes with, so that no item is lost that
// arrives before t begins. The mutex is held.
func (c *Conn) announce(t *task, ids []string) {
	if t.method == nil || len(ids) == 0 || len(ids) != len(t.method.uploads) {
		return // it will be refused, and its items dropped
	}
	f := c.flowing()
	for _, id := range ids {
		if f.uploads[id] != nil {
			t.twice = id
			for _, u := range t.uploads {
				c.endUpload(u, context.Canceled)
			}
			t.uploads = nil
			return
		}
		u := &upload{conn: c, id: id}
		f.uploads[id] = u
		t.uploads = append(t.uploads, u)
	}
}

// receiveItem keeps an item until its handler takes it. An item of no upload,
// or of one that nobody ranges over any more, is dropped, as in ASP.NET Core.
func (c *Conn) receiveItem(m *wire.Message) {
	if !c.keepItem(m) {
		c.core.options.Log.Debug("an item of no upload", "connection", c.id, "hub", c.mux.Name(), "stream", string(m.InvocationID))
	}
}

func (c *Conn) keepItem(m *wire.Message) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flows == nil {
		return false
	}
	u := c.flows.uploads[string(m.InvocationID)]
	if u == nil {
		return false
	}
	if err := c.meterItem(len(m.Value)); err != nil {
		delete(c.flows.uploads, u.id)
		u.close(err)
		return true
	}
	u.items = append(u.items, bytes.Clone(m.Value))
	c.flows.bytes += len(m.Value) + itemOverhead
	if len(u.items) == c.core.options.StreamBuffer {
		c.flows.full++
	}
	u.tell()
	return true
}

// completeUpload ends the upload that a completion names, and reports whether
// there is one.
func (c *Conn) completeUpload(m *wire.Message) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flows == nil {
		return false
	}
	u := c.flows.uploads[string(m.InvocationID)]
	if u == nil {
		return false
	}
	delete(c.flows.uploads, u.id)
	var err error
	if m.HasError {
		err = &ClientError{Message: string(m.Error)}
	}
	u.close(err)
	return true
}

// endUpload forgets an upload that nobody ranges over any more. The mutex is
// held.
func (c *Conn) endUpload(u *upload, err error) {
	if c.flows.uploads[u.id] == u {
		delete(c.flows.uploads, u.id)
	}
	u.close(err)
	if len(u.items) >= c.core.options.StreamBuffer {
		c.flows.full--
	}
	for _, item := range u.items {
		c.flows.bytes -= len(item) + itemOverhead
	}
	u.items = nil
	c.readOn()
}

// close takes no more items; err comes after those that are there.
func (u *upload) close(err error) {
	if !u.over {
		u.over, u.err = true, err
		u.tell()
	}
}

// tell wakes the handler.
func (u *upload) tell() {
	if u.news != nil {
		close(u.news)
		u.news = nil
	}
}

// take returns the next item, or ok false when there is none and none will come;
// err says why if the client did not just end it.
func (u *upload) take(ctx context.Context) (item []byte, ok bool, err error) {
	c := u.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(u.items) == 0 {
		if u.over {
			return nil, false, u.err
		}
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		if u.news == nil {
			u.news = make(chan struct{})
		}
		u.wait(ctx, u.news)
	}
	item = u.items[0]
	if len(u.items) == c.core.options.StreamBuffer {
		c.flows.full--
	}
	u.items[0] = nil
	if u.items = u.items[1:]; len(u.items) == 0 {
		u.items = nil
	}
	c.flows.bytes -= len(item) + itemOverhead
	c.readOn()
	return item, true, nil
}

// wait gives the mutex up until there are news.
func (u *upload) wait(ctx context.Context, news chan struct{}) {
	c := u.conn
	c.flows.hungry++
	c.readOn()
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.flows.hungry--
	}()
	select {
	case <-news:
	case <-ctx.Done():
	}
}

// bindUploads makes the values of request's uploads: iterators over what
// arrives, each for one range.
func (e *method) bindUploads(t *task, request any) {
	for i, field := range e.uploads {
		values := reflect.ValueOf(request).Elem().Field(field.index).FieldByName("Values")
		values.Set(t.uploads[i].values(t.context, field.plan, values.Type()))
	}
}

// values returns the iterator, of type iter.Seq2[T, error], over u's items.
func (u *upload) values(ctx context.Context, plan *wire.Plan, seq reflect.Type) reflect.Value {
	none := reflect.Zero(reflect.TypeFor[error]())
	return reflect.MakeFunc(seq, func(args []reflect.Value) []reflect.Value {
		yield := args[0]
		for item, err := range u.each(ctx) {
			v, failed := reflect.New(plan.Type()).Elem(), none
			if err == nil {
				if err = u.conn.codec.ReadValue(item, plan, v); err != nil {
					err = fmt.Errorf("an item of the upload: %w", err)
					v.SetZero()
				}
			}
			if err != nil {
				failed = reflect.ValueOf(&err).Elem()
			}
			if !yield.Call([]reflect.Value{v, failed})[0].Bool() || err != nil {
				break
			}
		}
		return nil
	})
}

// each is u's items as they arrive, and then its error, if it ends with one.
// Whoever leaves the range early wants no more of them.
func (u *upload) each(ctx context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		u.conn.mu.Lock()
		again := u.ranged
		u.ranged = true
		u.conn.mu.Unlock()
		if again {
			yield(nil, errRanged)
			return
		}
		defer u.conn.drop(u)
		for {
			item, ok, err := u.take(ctx)
			if !ok {
				if err != nil {
					yield(nil, err)
				}
				return
			}
			if !yield(item, nil) {
				return
			}
		}
	}
}

// drop is endUpload for whoever does not hold the mutex.
func (c *Conn) drop(u *upload) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endUpload(u, context.Canceled)
}
