// An event is heard by a handler of another type.
package main

import (
	"partline.dev/shared/connected"
	client "partline.dev/wasmclient"
)

func main() {}

func page(c *client.Client) {
	client.On(c, connected.BroadcastMessage, func(line string) {}) // ERROR "type func(line string) of func(line string) {} does not match inferred type func(connected.Broadcast)"
}
