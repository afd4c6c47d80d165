// Command server is the server's half of the list: the hub that keeps it, and
// everything that a browser asks for.
package main

import (
	"os"
	"slices"
	"sync"

	"partline.dev/app/part"
	"partline.dev/examples/list"
	"partline.dev/examples/list/listpart"
	"partline.dev/server"
	"partline.dev/server/hub"
	"partline.dev/shared/contract"
)

func main() {
	server.Main(server.Options{
		Addr:  os.Getenv("ADDR"), // empty: localhost:8080
		Hubs:  []*hub.Mux{newHub()},
		Parts: []part.Part{listpart.Part},
		App:   os.DirFS("bin/list"), // where web/cmd/wasm has put ../wasm
	})
}

// newHub returns the hub of an empty list.
func newHub() *hub.Mux {
	var mu sync.Mutex // protects items: calls of different connections run at once
	var items []list.Item

	m := hub.New(list.API)
	m.OnConnect(func(x *hub.Context) error {
		mu.Lock()
		defer mu.Unlock()
		return hub.Publish(x, x.Caller(), list.Changed, list.Items{All: items})
	})
	hub.Handle(m, list.Put, func(x *hub.Context, item list.Item) (contract.None, error) {
		mu.Lock()
		defer mu.Unlock()
		if i := slices.IndexFunc(items, func(o list.Item) bool { return o.Name == item.Name }); i >= 0 {
			items[i] = item
		} else if len(items) < 100 {
			items = append(items, item)
		} else {
			return contract.None{}, hub.Errorf("the list is full") // the caller reads this
		}
		return contract.None{}, hub.Publish(x, x.All(), list.Changed, list.Items{All: items})
	})
	return m
}
