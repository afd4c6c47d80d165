package main

import (
	"fmt"
	"strings"

	"partline.dev/server"
	"partline.dev/server/classic/script"
	"partline.dev/server/declared"
)

// hubsCommand is what can be done with a file that declares hubs.
type hubsCommand struct {
	Check checkCommand `cmd:"" help:"Say what is wrong with a file that declares hubs, line by line, and where its hubs would be."`
}

// checkCommand is the flags of partline hubs check.
type checkCommand struct {
	File string `arg:"" help:"The file, as serve --hubs takes it."`
}

// Run checks.
func (c *checkCommand) Run() error {
	hubs, err := server.DeclaredHubs(c.File)
	if err != nil {
		return fmt.Errorf("what is wrong:\n%w", err)
	}
	for _, h := range hubs {
		fmt.Printf("%s is at %s; to jQuery pages it is $.connection%s\n",
			h.Mux.Name(), strings.Join(addresses(h), ", "), member(script.HubName(h.Mux.API().Hub())))
	}
	return nil
}

// member is how a page names the member called name, which is a hub's name.
func member(name string) string {
	if strings.ContainsAny(name, "-.") || '0' <= name[0] && name[0] <= '9' {
		return `["` + name + `"]`
	}
	return "." + name
}

// addresses are all of a hub's, that which it has for itself first.
func addresses(h declared.Hub) []string {
	all := append([]string{"/hubs/" + h.Mux.Name()}, h.Addresses...)
	if h.Shared {
		all = append(all, "/signalr")
	}
	return all
}
