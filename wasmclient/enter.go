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
// Options.Join says; also if there is no connection now, which is
// [ErrNotConnected], or it was lost meanwhile. If the hub refuses it, an [*Error]
// with a code, nothing has changed. Enter and [Client.Rename] happen one at a time,
// and wait for each other.
func (c *Client) Enter(ctx context.Context, where access.Where) (access.Access, error) {
	return change(ctx, c, access.Enter, access.EnterRequest{Where: where}, func(w *wish) { w.where = &where })
}

// Rename gives a guest another name, under the rules of [Client.Enter].
func (c *Client) Rename(ctx context.Context, name string) (access.Access, error) {
	return change(ctx, c, access.Rename, access.RenameRequest{Name: name}, func(w *wish) { w.name = &name })
}

// change makes a wish, and tells the hub.
func change[Req any](ctx context.Context, c *Client, method contract.Method[Req, access.Access], request Req, by func(*wish)) (access.Access, error) {
	if err := c.standing.begin(ctx); err != nil {
		return access.Access{}, inMember(method.Descriptor(), err)
	}
	defer c.standing.end()
	before, now := c.standing.change(by)
	s, err := ask(ctx, c, method, request)
	if isRefused(err) {
		c.standing.put(before)
	}
	if err != nil {
		return access.Access{}, err
	}
	s.wish = now.number
	return c.Access(), nil
}

func isRefused(err error) bool {
	_, refused := errors.AsType[*Error](err)
	return refused
}

// ask calls one of the methods that every hub answers, and takes what it says.
// Whoever calls it has the standing's turn.
func ask[Req any](ctx context.Context, c *Client, method contract.Method[Req, access.Access], request Req) (*session, error) {
	a := new(access.Access)
	s, err := c.call(ctx, method.Descriptor(), reflect.ValueOf(&request).Elem(), reflect.ValueOf(a).Elem())
	if err == nil {
		err = inMember(method.Descriptor(), checkAccess(a))
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
		if _, err = ask(ctx, c, access.Rename, access.RenameRequest{Name: *w.name}); isRefused(err) {
			left.name, err = nil, c.tellRefused(err)
		}
	}
	if w.where != nil && err == nil {
		if _, err = ask(ctx, c, access.Enter, access.EnterRequest{Where: *w.where}); isRefused(err) {
			left.where, err = nil, c.tellRefused(err)
		}
	}
	if err == nil {
		c.standing.put(left)
		s.wish = w.number
	}
}

// tellRefused logs that a wish was refused which nobody waits for any more.
func (c *Client) tellRefused(err error) error {
	c.options.Log(fmt.Sprintf("what was asked for without a connection is refused: %v", err))
	return nil
}
