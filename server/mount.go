package server

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// Mount is an address of hubs, or of connections without one, for clients of both
// generations: those of ASP.NET Core SignalR connect to the address itself, those
// of jQuery SignalR 2 below it, and their pages find the script of its hubs at
// {path}/hubs and {path}/js.
type Mount struct {
	// Path is the address, as in /chat: any path. It is matched in any case, and
	// with or without a slash at the end.
	Path string

	// Hubs are the hubs there: at least one. With Connection there is none, or one
	// of [hub.NewRaw], by which other code publishes to the connections. Clients of
	// ASP.NET Core SignalR, which know one hub an address, are served where there
	// is exactly one; elsewhere they are told where the hubs are. A hub may have
	// several addresses; who connects at one of them hears the others.
	Hubs []*hub.Mux

	// Connection serves connections that carry bytes instead of a hub's
	// messages; SignalR 2 calls them persistent. It is called for each of them, as
	// [transport.Host.RawHandler] says. Nil: there is a hub.
	Connection func(ctx context.Context, c *transport.Connection) error

	// Tenant is whose address it is, by its name in Options.Tenants: nobody of
	// another tenant comes in here. Empty: that of every tenant.
	Tenant string

	// NoScript has pages that load the script of the hubs fail with a sentence
	// that says so. Clients that name their hubs themselves need none.
	NoScript bool

	// Transports are those that may be used here, of those that
	// Options.Transports allows. Zero: all of them.
	Transports front.Transports

	// Redirect may send a client elsewhere when it negotiates: to url, where it
	// negotiates again with accessToken as its bearer token (empty: with the
	// token that it has). Not ok: the client stays. Nil: every client does.
	Redirect func(r *http.Request, principal hub.Principal) (url, accessToken string, ok bool)

	// NamesAsDeclared writes the names of properties in JSON as they were
	// declared and not in camelCase, for clients of an ASP.NET Core server
	// whose PropertyNamingPolicy was null. Names are read in any case.
	NamesAsDeclared bool
}

// ParseTransports reads names of transports, in any case: WebSockets,
// ServerSentEvents and LongPolling. No name stands for all of them.
func ParseTransports(names ...string) (front.Transports, error) {
	var set front.Transports
next:
	for _, name := range names {
		for _, one := range []front.Transports{front.WebSockets, front.ServerSentEvents, front.LongPolling} {
			if strings.EqualFold(strings.TrimSpace(name), one.String()) {
				set |= one
				continue next
			}
		}
		return 0, fmt.Errorf("%q is no transport; there are %s", name, front.Transports(0))
	}
	return set, nil
}
