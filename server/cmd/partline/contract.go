package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"partline.dev/server"
	"partline.dev/server/export"
	"partline.dev/shared/chat"
	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
	"partline.dev/shared/mvcchat"
	"partline.dev/shared/peerchat"
)

// builtIn are the hubs of the binary, and where serve mounts them.
var builtIn = []aHub{
	{connected.API, "/hubs/connected"},
	{chat.API, "/hubs/chat"},
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
	File string   `name:"hubs" help:"A file that declares hubs, as serve --hubs takes it: those too." placeholder:"FILE"`
	Hubs []string `arg:"" optional:"" name:"hub" help:"The hubs, by name. Default: all."`
}

// aHub is a hub and where it is.
type aHub struct {
	api     *contract.API
	address string
}

// all are the hubs to choose from. A declared one takes the place of an example,
// and of the chat.
func (f *hubFlags) all() ([]aHub, error) {
	all := slices.Clone(builtIn)
	if f.File == "" {
		return all, nil
	}
	hubs, err := server.DeclaredHubs(f.File)
	if err != nil {
		return nil, err
	}
	for _, h := range hubs {
		name := h.Mux.Name()
		all = slices.DeleteFunc(all, func(b aHub) bool { return strings.EqualFold(b.api.Hub().Name(), name) })
		all = append(all, aHub{h.Mux.API(), addresses(h)[0]})
	}
	return all, nil
}

// chosen are the hubs that were asked for.
func (f *hubFlags) chosen() ([]aHub, error) {
	all, err := f.all()
	if err != nil || len(f.Hubs) == 0 {
		return all, err
	}
	var chosen []aHub
	var names []string
	for _, b := range all {
		names = append(names, b.api.Hub().Name())
	}
	for _, name := range f.Hubs {
		i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
		if i < 0 {
			return nil, fmt.Errorf("there is no hub %q; there are: %s. Typings of your own hubs are made by a program of yours, with package partline.dev/server/export", name, strings.Join(names, ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// print calls write with the chosen hubs, where each is, and the standard output.
func (f *hubFlags) print(write func(to io.Writer, address func(*contract.Hub) string, apis ...*contract.API) error) error {
	chosen, err := f.chosen()
	if err != nil {
		return err
	}
	var apis []*contract.API
	addresses := map[*contract.Hub]string{}
	for _, h := range chosen {
		apis = append(apis, h.api)
		addresses[h.api.Hub()] = h.address
	}
	return write(os.Stdout, func(h *contract.Hub) string { return addresses[h] }, apis...)
}

// tsCommand is the flags of partline contract ts.
type tsCommand struct {
	hubFlags
	Messagepack bool `help:"Typings for clients that use @microsoft/signalr-protocol-msgpack: there names of properties are as declared, enums are names, bytes a Uint8Array and times a Date."`
}

// Run prints the typings.
func (c *tsCommand) Run() error {
	return c.print(func(to io.Writer, _ func(*contract.Hub) string, apis ...*contract.API) error {
		return export.TypeScript(to, &export.TypeScriptOptions{MessagePack: c.Messagepack}, apis...)
	})
}

// asyncAPICommand is the flags of partline contract asyncapi.
type asyncAPICommand struct {
	hubFlags
}

// Run prints the document.
func (c *asyncAPICommand) Run() error {
	return c.print(func(to io.Writer, address func(*contract.Hub) string, apis ...*contract.API) error {
		return export.AsyncAPI(to, &export.AsyncAPIOptions{
			Title:   "Partline",
			Version: server.Version(),
			Address: address,
		}, apis...)
	})
}
