package client

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// Enter asks to hear, and to be heard by, somebody else, and returns what the hub
// has made of it. What was heard before is not heard any more.
//
// The client asks for it again with every later connection, in the place of what
// Options.Join says, also if there is no connection now, which is
// [ErrNotConnected], or if it is lost before the answer comes. On any other error,
// such as a refusal, an [*Error] with a code, nothing has changed; only that ctx has
// ended stops nothing, and State tells what became of it. Enter and [Client.Rename]
// happen one at a time, in the order in which they were called.
func (c *Client) Enter(ctx context.Context, where access.Where) (access.Access, error) {
	return c.change(ctx, access.Enter.Descriptor(), access.EnterRequest{Where: where}, func(w *wish) { w.where = &where })
}

// Rename gives a guest another name, under the rules of [Client.Enter].
func (c *Client) Rename(ctx context.Context, name string) (access.Access, error) {
	return c.change(ctx, access.Rename.Descriptor(), access.RenameRequest{Name: name}, func(w *wish) { w.name = &name })
}

// change makes a wish, and tells the hub by the method that d describes.
func (c *Client) change(ctx context.Context, d *contract.Descriptor, request any, by func(*wish)) (access.Access, error) {
	if err := c.standing.begin(ctx); err != nil {
		return access.Access{}, inMember(d, err)
	}
	before, now := c.standing.change(by)
	answered := make(chan error, 1)
	work := func() {
		defer c.standing.end()
		s, err := c.ask(context.Background(), d, request) // which ends with the session
		switch {
		case err == nil:
			s.wish = now.number
		case !errors.Is(err, ErrNotConnected) && !errors.Is(err, ErrNotConfirmed):
			c.standing.put(before)
		}
		answered <- err
	}
	s, err := c.connected()
	if err != nil || !c.start(s, work) {
		c.standing.end()
		return access.Access{}, inMember(d, ErrNotConnected)
	}
	select {
	case err = <-answered:
	case <-ctx.Done():
		err = inMember(d, ctx.Err())
	}
	if err != nil {
		return access.Access{}, err
	}
	return c.Access(), nil
}

func isRefused(err error) bool {
	_, refused := errors.AsType[*Error](err)
	return refused
}

// ask calls one of the methods that every hub answers, and takes what it says.
// Whoever calls it has the standing's turn.
func (c *Client) ask(ctx context.Context, d *contract.Descriptor, request any) (*session, error) {
	a := new(access.Access)
	s, err := c.call(ctx, d, reflect.ValueOf(request), reflect.ValueOf(a).Elem())
	if err == nil {
		err = inMember(d, checkAccess(a))
	}
	if err != nil {
		return nil, err
	}
	c.learn(s, *a)
	return s, nil
}

// catchUp asks for what the program wished for while s was being made.
func (c *Client) catchUp(ctx context.Context, s *session) {
	if c.standing.begin(ctx) != nil {
		return
	}
	defer c.standing.end()
	w := c.standing.now()
	if w.number == s.wish {
		return
	}
	left := w
	var err error
	if w.name != nil {
		if _, err = c.ask(ctx, access.Rename.Descriptor(), access.RenameRequest{Name: *w.name}); isRefused(err) {
			c.tellRefused(err)
			left.name, err = nil, nil
		}
	}
	if w.where != nil && err == nil {
		if _, err = c.ask(ctx, access.Enter.Descriptor(), access.EnterRequest{Where: *w.where}); isRefused(err) {
			c.tellRefused(err)
			left.where, err = nil, nil
		}
	}
	if err == nil {
		c.standing.put(left)
		s.wish = w.number
	}
}

// tellRefused logs that a wish was refused which nobody waits for any more.
func (c *Client) tellRefused(err error) {
	c.options.Log(fmt.Sprintf("what was asked for without a connection is refused: %v", err))
}
