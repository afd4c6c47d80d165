package client

import (
	"context"
	"fmt"
	"reflect"

	"partline.dev/shared/access"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// invocation is a call on its way to the hub.
type invocation struct {
	session *session
	id      string // empty: nobody waits for an answer
	frame   []byte
	uploads []*upload
}

// prepare writes the request for the session that the client has now. Every hub
// has the methods of access.Hub.
func (c *Client) prepare(d *contract.Descriptor, kind wire.Kind, request reflect.Value, id string) (*invocation, error) {
	if d.Hub() != c.hub && d.Hub() != access.Hub {
		return nil, fmt.Errorf("it is a %s of another hub than %s", d.Kind(), c.hub.Name())
	}
	plan, err := wire.ArgumentsOf(d)
	if err != nil {
		return nil, err
	}
	i := &invocation{id: id}
	m := wire.Message{Kind: kind, Target: []byte(d.Name())}
	if id != "" {
		m.InvocationID = []byte(id)
	}
	for _, a := range d.Uploads() {
		u, err := newUpload(a, request.Field(a.Index), c.newID())
		if err != nil {
			return nil, err
		}
		i.uploads = append(i.uploads, u)
		m.StreamIDs = append(m.StreamIDs, u.id)
	}
	if m.Arguments, err = c.codec.AppendArguments(nil, plan, request); err != nil {
		return nil, err
	}
	if i.frame, err = c.frame(&m); err != nil {
		return nil, err
	}
	i.session, err = c.connected()
	return i, err
}

// frame writes a message that the hub must be able to take.
func (c *Client) frame(m *wire.Message) ([]byte, error) {
	frame := c.codec.Append(nil, m)
	if n := c.bare(frame); n > c.options.SendLimit {
		return nil, fmt.Errorf("%w: %d bytes, of at most %d", ErrTooLarge, n, c.options.SendLimit)
	}
	return frame, nil
}

// bare is how many bytes a message has without its framing.
func (c *Client) bare(frame []byte) int {
	msg, _, err := c.codec.Split(frame, len(frame))
	if err != nil {
		return len(frame)
	}
	return len(msg)
}

// begin queues the call, and begins with its uploads. A value that cannot be sent
// ends the call with fail, which reports whether somebody still waited for it;
// nil: only the log hears of it.
func (i *invocation) begin(ctx context.Context, fail func(error) bool) error {
	number, err := i.session.queue(ctx, i.frame)
	if err != nil {
		return err
	}
	i.session.number(i.id, number)
	for _, u := range i.uploads {
		u.session = i.session
		u.fail = func(err error) {
			if fail == nil {
				u.session.c.options.Log(err.Error())
			} else if fail(err) {
				i.cancel()
			}
		}
	}
	for _, u := range i.uploads { // one that fails ends the others
		u.session.c.start(u.session, u.run)
	}
	return nil
}

// endUploads ends the uploads of a call that is over.
func (i *invocation) endUploads() {
	for _, u := range i.uploads {
		u.stop()
	}
}

// cancel tells the hub that nobody waits any more.
func (i *invocation) cancel() {
	m := wire.Message{Kind: wire.CancelInvocation, InvocationID: []byte(i.id)}
	i.session.out.putSmall(i.session.c.codec.Append(nil, &m), true)
	for _, u := range i.uploads {
		u.finish(errCanceled)
	}
}
