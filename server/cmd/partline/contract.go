package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"partline.dev/server"
	"partline.dev/server/export"
	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
	"partline.dev/shared/mvcchat"
	"partline.dev/shared/peerchat"
)

// builtIn are the hubs of the binary, and where serve mounts them.
var builtIn = []struct {
	api     *contract.API
	address string
}{
	{connected.API, "/hubs/connected"},
	{peerchat.API, "/chat"},       // with --dev
	{mvcchat.API, "/mvc/signalr"}, // with --dev
}

// contractCommand is what can be made of the hubs' contract.
type contractCommand struct {
	TS       tsCommand       `cmd:"" name:"ts" help:"Print TypeScript typings of the hubs for the npm client @microsoft/signalr."`
	AsyncAPI asyncAPICommand `cmd:"" name:"asyncapi" help:"Print an AsyncAPI 3.0 document of the hubs, in JSON."`
}

// hubFlags choose hubs.
type hubFlags struct {
	Hubs []string `arg:"" optional:"" name:"hub" help:"The hubs, by name. Default: all that are built in."`
}

// apis are those of the chosen hubs.
func (f *hubFlags) apis() ([]*contract.API, error) {
	var chosen []*contract.API
	var names []string
	for _, b := range builtIn {
		names = append(names, b.api.Hub().Name())
		if len(f.Hubs) == 0 {
			chosen = append(chosen, b.api)
		}
	}
	for _, name := range f.Hubs {
		i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
		if i < 0 {
			return nil, fmt.Errorf("there is no hub %q; there are: %s. Typings of your own hubs are made by a program of yours, with package partline.dev/server/export", name, strings.Join(names, ", "))
		}
		chosen = append(chosen, builtIn[i].api)
	}
	return chosen, nil
}

// print calls write with the chosen hubs and the standard output.
func (f *hubFlags) print(write func(to io.Writer, apis ...*contract.API) error) error {
	apis, err := f.apis()
	if err != nil {
		return err
	}
	return write(os.Stdout, apis...)
}

// tsCommand is the flags of partline contract ts.
type tsCommand struct {
	hubFlags
	Messagepack bool `help:"Typings for clients that use @microsoft/signalr-protocol-msgpack: there names of properties are as declared, enums are names, bytes a Uint8Array and times a Date."`
}

// Run prints the typings.
func (c *tsCommand) Run() error {
	return c.print(func(to io.Writer, apis ...*contract.API) error {
		return export.TypeScript(to, &export.TypeScriptOptions{MessagePack: c.Messagepack}, apis...)
	})
}

// asyncAPICommand is the flags of partline contract asyncapi.
type asyncAPICommand struct {
	hubFlags
}

// Run prints the document.
func (c *asyncAPICommand) Run() error {
	addresses := map[*contract.Hub]string{}
	for _, b := range builtIn {
		addresses[b.api.Hub()] = b.address
	}
	return c.print(func(to io.Writer, apis ...*contract.API) error {
		return export.AsyncAPI(to, &export.AsyncAPIOptions{
			Title:   "Partline",
			Version: server.Version(),
			Address: func(h *contract.Hub) string { return addresses[h] },
		}, apis...)
	})
}
