package part

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

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
func (p *Page) Connect(ctx app.Context, h *contract.Hub) *client.Client {
	c := client.New(hubURL(h), h, &client.Options{
		Dispatch: func(f func()) { ctx.Dispatch(func(app.Context) { f() }) },
	})
	runCtx, stop := context.WithCancel(ctx)
	p.clients = append(p.clients, c)
	p.close = append(p.close, stop)
	// Run ends with an error that the state of the client says as well.
	ctx.Async(func() { _ = c.Run(runCtx) })
	return c
}

// hubURL is the address of the hub on the server that the page came from.
func hubURL(h *contract.Hub) string {
	return app.Window().Get("location").Get("origin").String() + base() + "/hubs/" + h.Name()
}

// base is what every path of the server begins with, in the browser: the prefix
// of its public address, or nothing. The page's script load.js says it.
func base() string { return app.Getenv("GOAPP_ROOT_PREFIX") }

// leave closes the page's connections.
func (p *Page) leave() {
	for _, c := range p.close {
		c()
	}
	p.close = nil
}
