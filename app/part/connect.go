package part

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/app/address"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
	client "partline.dev/wasmclient"
)

// Connect gives the component of ctx a client of the hub h on the part's own
// server. It is called in OnMount, and handlers of events are set at once:
//
//	v.hub = v.page.Connect(ctx, list.Hub)
//	client.On(v.hub, list.Changed, v.changed)
//
// The client connects by itself, comes back by itself when the connection is
// lost, and is closed when the part leaves the page. Its handlers run on the UI
// goroutine, one after the other, and the component is drawn anew after each.
// The page shows the state of the connection.
//
// The client is in the scope page, unless the address says another or the reader
// has chosen one: what a handler of the hub publishes to x.Scope() comes from the
// parts of the same page. What it publishes to x.All() and to groups comes as ever.
func (p *Page) Connect(ctx app.Context, h *contract.Hub) *client.Client {
	m := &member{}
	c := client.New(hubURL(h), h, &client.Options{
		Token:       func(ctx context.Context) (string, error) { return p.credentials.bearer(ctx, m) },
		Join:        func(context.Context) (access.Request, error) { return p.join(m), nil },
		KeepSession: p.credentials.keep,
		Dispatch:    func(f func()) { ctx.Dispatch(func(app.Context) { f() }) },
	})
	m.client = c
	runCtx, stop := context.WithCancel(ctx)
	if len(p.clients) == 0 {
		ctx.Async(func() { p.audience.run(runCtx) })
	}
	p.clients = append(p.clients, c)
	p.close = append(p.close, stop)
	p.audience.add(ctx, m)
	c.Watch(func(s client.State) { p.hear(m, s) })
	// Run ends with an error that the state of the client says as well.
	ctx.Async(func() { _ = c.Run(runCtx) })
	return c
}

// join is what m says of itself.
func (p *Page) join(m *member) access.Request {
	now := p.audience.join(m)
	return access.Request{
		Ticket: p.credentials.use(m),
		Key:    p.properties[address.Key],
		Name:   now.name,
		Where:  now.where,
	}
}

// hear takes how the connection of m is.
func (p *Page) hear(m *member, s client.State) {
	if !s.RetryAt.IsZero() {
		p.credentials.failed(m)
	}
	p.audience.hear(m, s)
}

// hubURL is the address of the hub on the server that the page came from.
func hubURL(h *contract.Hub) string {
	return app.Window().Get("location").Get("origin").String() + base() + "/hubs/" + h.Name()
}

// base is what every path of the server begins with, in the browser: the prefix
// of its public address, or nothing. The page's script load.js says it.
func base() string { return app.Getenv("GOAPP_ROOT_PREFIX") }

// leave closes the page's connections, and its ears.
func (p *Page) leave() {
	for _, c := range p.close {
		c()
	}
	p.close = nil
	if p.frame != nil {
		p.frame.Close()
	}
}
