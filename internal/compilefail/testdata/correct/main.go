// Everything that the other programs do, done right.
package main

import (
	"context"

	"partline.dev/server/hub"
	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
	client "partline.dev/wasmclient"
)

func main() {}

func server(m *hub.Mux) {
	hub.Handle(m, connected.SendMethod, send)
}

func send(x *hub.Context, s connected.Send) (contract.None, error) {
	return contract.None{}, hub.Publish(x, x.All(), connected.BroadcastMessage, connected.Broadcast{Name: s.Name, Message: s.Message})
}

func page(ctx context.Context, c *client.Client) error {
	defer client.On(c, connected.BroadcastMessage, func(connected.Broadcast) {})()
	_, err := client.Call(ctx, c, connected.SendMethod, connected.Send{})
	return err
}
