package client

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// address is where a hub is.
type address struct{ hub url.URL }

// parseAddress reads the address of a hub. The error does not show what could be
// a password in it.
func parseAddress(text string) (*address, error) {
	u, err := url.Parse(text)
	var detail *url.Error
	switch {
	case errors.As(err, &detail):
		return nil, fmt.Errorf("the hub's address cannot be read: %w", detail.Err)
	case err != nil:
		return nil, fmt.Errorf("the hub's address cannot be read: %w", err)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("the hub's address must begin with http:// or https://")
	case u.Host == "":
		return nil, errors.New("the hub's address has no host")
	case u.User != nil:
		return nil, errors.New("the hub's address must not hold a user name or password")
	}
	u.Fragment, u.RawFragment = "", ""
	u.RawPath = strings.TrimRight(u.EscapedPath(), "/")
	if u.Path, err = url.PathUnescape(u.RawPath); err != nil {
		return nil, fmt.Errorf("the hub's address cannot be read: %w", err)
	}
	return &address{hub: *u}, nil
}

// negotiate is where a connection begins, one that can be resumed if resume is
// true.
func (a *address) negotiate(resume bool) *url.URL {
	u := a.hub
	u.Path += "/negotiate"
	u.RawPath += "/negotiate"
	if resume {
		return with(u, "negotiateVersion=1&useStatefulReconnect=true")
	}
	return with(u, "negotiateVersion=1")
}

// connection is the address of the connection that token is for. The token is
// the connection's only secret: no error may show this address.
func (a *address) connection(token string) *url.URL {
	return with(a.hub, "id="+url.QueryEscape(token))
}

// socket is the address of the WebSocket of that connection.
func (a *address) socket(token string) *url.URL {
	u := a.connection(token)
	u.Scheme = "ws" + strings.TrimPrefix(u.Scheme, "http")
	return u
}

// with returns u with one more parameter.
func with(u url.URL, parameter string) *url.URL {
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += parameter
	return &u
}
