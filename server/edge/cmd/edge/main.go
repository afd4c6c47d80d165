// Command edge builds the Workers of the edge, and runs them on this machine.
//
//	edge build
//	edge serve --addr localhost:8787
//
// It is run at the top of the workspace: make edge and make edge-serve do. Every flag
// has an environment variable of the same name, PARTLINE_EDGE_ADDR for --addr. It ends
// with SIGTERM or an interrupt; a second one ends it at once.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/alecthomas/kong"

	"partline.dev/server/edge/bundle"
)

// commands are what it can do.
type commands struct {
	Build buildCommand `cmd:"" help:"Build the Workers, say how large they are, and fail if one is too large to be deployed."`
	Serve serveCommand `cmd:"" help:"Run the Workers that were built, under workerd, with demo host pages."`
}

func main() {
	var c commands
	k := kong.Parse(&c,
		kong.Name("edge"),
		kong.Description("Partline at the edge: a Worker in front, and rooms that run the hubs."),
		kong.DefaultEnvars("PARTLINE_EDGE"),
		kong.UsageOnError(),
		kong.Vars{"limit": strconv.Itoa(bundle.Limit)},
	)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal finds the default: the end
	k.BindTo(ctx, (*context.Context)(nil))
	if err := k.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "edge: "+err.Error())
		os.Exit(1)
	}
}
