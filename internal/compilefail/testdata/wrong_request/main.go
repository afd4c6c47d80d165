// A method is called with a request that is another member's.
package main

import (
	"context"

	"partline.dev/shared/connected"
	client "partline.dev/wasmclient"
)

func main() {}

func page(ctx context.Context, c *client.Client) error {
	_, err := client.Call(ctx, c, connected.SendMethod, connected.Broadcast{}) // ERROR "type connected.Broadcast of connected.Broadcast{} does not match inferred type connected.Send"
	return err
}
