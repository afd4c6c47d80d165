// Command slowhub is a server that is not ours, with a hub whose method takes as
// long as it is told to: for tests of what a drain waits for. It takes those
// flags of partline serve that a test gives to every server.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"partline.dev/e2e/slow"
	"partline.dev/server"
	"partline.dev/server/hub"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "slowhub:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	var o server.Options
	if len(args) == 0 || args[0] != "serve" {
		return fmt.Errorf("say serve")
	}
	flags := flag.NewFlagSet("slowhub serve", flag.ContinueOnError)
	flags.StringVar(&o.Addr, "addr", "", "where to serve")
	flags.StringVar(&o.DevHostAddr, "dev-host-addr", "", "not used")
	flags.StringVar(&o.MetricsAddr, "metrics-addr", "", "where to serve metrics")
	flags.DurationVar(&o.DrainTimeout, "drain-timeout", 0, "how long running calls may take at the end")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	m := hub.New(slow.API)
	hub.Handle(m, slow.WorkMethod, work)
	o.Hubs = []*hub.Mux{m}
	s, err := server.New(o)
	if err != nil {
		return err
	}
	return s.Run(ctx)
}

func work(x *hub.Context, j slow.Job) (slow.Done, error) {
	if err := hub.Publish(x, x.Caller(), slow.BegunEvent, slow.Begun{Name: j.Name}); err != nil {
		return slow.Done{}, err
	}
	select {
	case <-time.After(time.Duration(j.Milliseconds) * time.Millisecond):
		return slow.Done{Name: j.Name}, nil
	case <-x.Done():
		return slow.Done{}, x.Err()
	}
}
