// The handler of one method is registered for another.
package main

import (
	"partline.dev/server/hub"
	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
)

func main() {}

type leave struct{ Reason string }

func server(m *hub.Mux) {
	hub.Handle(m, connected.SendMethod, goodbye) // ERROR "type func(x *hub.Context, l leave) (contract.None, error) of goodbye does not match inferred type func(x *hub.Context, request connected.Send) (contract.None, error)"
}

func goodbye(x *hub.Context, l leave) (contract.None, error) {
	return contract.None{}, nil
}
