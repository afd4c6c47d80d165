package client

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"partline.dev/shared/access"
	"partline.dev/shared/wire"
)

// introduction is what the client says of itself in one negotiation.
type introduction struct {
	request *access.Request // nil: nothing
	session string          // the session token, instead of the ticket; empty: there is none
	wish    int             // the number of that in request
}

// introduce asks the program.
func (c *Client) introduce(ctx context.Context) (*introduction, error) {
	i := &introduction{}
	if c.options.Token == nil {
		i.session = c.standing.token()
	}
	if c.options.Join == nil {
		return i, nil
	}
	w := c.standing.now()
	request, err := c.options.Join(ctx)
	if err != nil {
		return nil, fmt.Errorf("what to say to the hub is not known: %w", err)
	}
	if w.where != nil {
		request.Where = *w.where
	}
	if w.name != nil {
		request.Name = *w.name
	}
	i.request, i.wish = &request, w.number
	return i, nil
}

// body is what is sent; nil: nothing is.
func (i *introduction) body() ([]byte, error) {
	if i.request == nil {
		return nil, nil
	}
	said := *i.request
	if i.session != "" {
		said.Ticket = ""
	}
	plan, err := wire.PlanOf(reflect.TypeFor[access.Request]())
	if err != nil {
		return nil, err
	}
	body, err := wire.JSON.AppendValue(nil, plan, reflect.ValueOf(said))
	if err != nil {
		return nil, fmt.Errorf("what Options.Join says cannot be sent: %w", err)
	}
	if len(body) > access.MaxRequest {
		return nil, fmt.Errorf("what Options.Join says cannot be sent: %w: %d bytes, of at most %d", ErrTooLarge, len(body), access.MaxRequest)
	}
	return body, nil
}

// dropSession reports whether the hub, which said err, may take the ticket where it
// does not take the session token.
func (i *introduction) dropSession(err error) bool {
	said, ok := errors.AsType[*Error](err)
	if i.session == "" || !ok || said.Code != access.CodeSession || i.request == nil || i.request.Ticket == "" {
		return false
	}
	i.session = ""
	return true
}

// sentAway leaves out what was for the address that sent the client to another, and
// gave it a token for that.
func (i *introduction) sentAway() {
	i.session = ""
	if i.request != nil {
		i.request.Ticket = ""
	}
}

// readAccess reads the member access of an answer to negotiate; nil: there is none.
func readAccess(raw []byte) (*access.Access, error) {
	plan, err := wire.PlanOf(reflect.TypeFor[*access.Access]())
	if err != nil || raw == nil {
		return nil, err
	}
	var a *access.Access
	err = wire.JSON.ReadValue(raw, plan, reflect.ValueOf(&a).Elem())
	if err == nil && a != nil {
		err = checkAccess(a)
	}
	if err != nil {
		return nil, fmt.Errorf("what the hub says of this client cannot be read: %w", err)
	}
	return a, nil
}
