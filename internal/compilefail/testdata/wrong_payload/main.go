// An event is published with a value that is another member's.
package main

import (
	"partline.dev/server/hub"
	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
)

func main() {}

func send(x *hub.Context, s connected.Send) (contract.None, error) {
	return contract.None{}, hub.Publish(x, x.All(), connected.BroadcastMessage, s) // ERROR "type connected.Send of s does not match inferred type connected.Broadcast"
}
