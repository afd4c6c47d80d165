// Command partline is the hub, its parts and everything they need, in one
// binary: flags and environment variables over package server.
//
//	partline serve --addr localhost:8080 --allow-host https://contoso.sharepoint.com
//
// Every flag has an environment variable of the same name, PARTLINE_ADDR for
// --addr. It ends with SIGTERM or an interrupt, after it has answered what it
// was asked; a second one ends it at once.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands are what the binary can do.
type commands struct {
	Serve    serveCommand    `cmd:"" default:"withargs" help:"Serve the hubs and the parts."`
	Keys     keysCommand     `cmd:"" help:"The keys that the server signs with."`
	Hubs     hubsCommand     `cmd:"" help:"Hubs that a file declares."`
	Tenants  tenantsCommand  `cmd:"" help:"Tenants that a file declares."`
	Ticket   ticketCommand   `cmd:"" help:"Make a ticket, which lets one client in, once."`
	EmbedKey embedKeyCommand `cmd:"" help:"Make an embed key, by which snippets name a tenant. It is no secret."`
	APIKey   apiKeyCommand   `cmd:"" name:"api-key" help:"Make an API key, with which programs of a tenant call the server, and its line for the file of tenants."`
	Contract contractCommand `cmd:"" help:"What the hubs say, for programs in other languages."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

func main() {
	var c commands
	k := kong.Parse(&c,
		kong.Name("partline"),
		kong.Description("Partline connects app parts: small web pages in other people's pages."),
		kong.DefaultEnvars("PARTLINE"),
		kong.UsageOnError(),
	)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal finds the default: the end
	k.BindTo(ctx, (*context.Context)(nil))
	if err := k.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "partline: "+err.Error())
		os.Exit(1)
	}
}
