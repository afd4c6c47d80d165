package hub

import (
	"errors"
	"strings"

	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// addBuiltins adds the methods that every hub answers beside its own. They are
// called in turn as any other, and no filter of the hub is asked: what they are told,
// such as the id of a page, is not the hub's to know.
func (m *Mux) addBuiltins() {
	builtin(m, access.Enter, enter)
	builtin(m, access.Refresh, refresh)
	builtin(m, access.Rename, rename)
}

func builtin[Req any](m *Mux, d contract.Method[Req, access.Access], f func(x *Context, request Req) (access.Access, error)) {
	entry := newMethod[Req](d.Descriptor(), nil)
	entry.builtin = true
	entry.call = func(x *Context, request any) (any, error) { return f(x, *request.(*Req)) }
	m.methods[strings.ToLower(d.Descriptor().Name())] = []*method{entry}
}

// enter takes the caller to another scope.
func enter(x *Context, request access.EnterRequest) (access.Access, error) {
	if err := x.conn.goTo(&request.Where); err != nil {
		return access.Access{}, err
	}
	return x.conn.Access(), nil
}

// refresh renews the caller's credentials.
func refresh(x *Context, request access.RefreshRequest) (access.Access, error) {
	renew := x.conn.core.options.Refresh
	if renew == nil {
		return access.Access{}, errNoRefresh
	}
	next, token, err := renew(x, x.Principal(), request.Token)
	if err != nil {
		return access.Access{}, err
	}
	switch err := x.conn.SetPrincipal(next); {
	case errors.Is(err, ErrOtherUser), errors.Is(err, ErrOtherTenant):
		return access.Access{}, errOthersToken
	case err != nil:
		return access.Access{}, err
	}
	a := x.conn.Access()
	a.SessionToken = token
	return a, nil
}

// rename gives the caller, a guest, another name.
func rename(x *Context, request access.RenameRequest) (access.Access, error) {
	name, err := access.CleanName(request.Name)
	if err != nil {
		return access.Access{}, err
	}
	if err := x.conn.rename(name); err != nil {
		return access.Access{}, err
	}
	return x.conn.Access(), nil
}

// rename gives a guest another name, which it keeps whatever its later requests
// call it.
func (c *Conn) rename(name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return ErrClosed
	case !c.principal.Guest():
		return errNoGuest
	}
	next := *c.principal
	next.Name = name
	c.principal, c.renamed = &next, true
	return nil
}

var (
	errNoRefresh   = &access.Refusal{Code: access.CodeToken, Message: "This server takes no new credentials from who is connected."}
	errOthersToken = &access.Refusal{Code: access.CodeToken, Message: "These credentials are somebody else's."}
	errNoGuest     = &access.Refusal{Code: access.CodeName, Message: "Only guests choose their name."}
)
