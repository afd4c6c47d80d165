// Command testserver serves the hubs of package testserver. It takes those flags
// of partline serve that a test gives to every server.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"partline.dev/e2e/testserver"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "testserver:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	o := testserver.Options{Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	if len(args) == 0 || args[0] != "serve" {
		return fmt.Errorf("say serve")
	}
	flags := flag.NewFlagSet("testserver serve", flag.ContinueOnError)
	flags.StringVar(&o.Addr, "addr", "localhost:8080", "where to serve")
	flags.StringVar(&o.Data, "data", "", "where the keys are that outlive it")
	flags.String("dev-host-addr", "", "not used")
	flags.String("metrics-addr", "", "not used")
	flags.Func("allow-host", "a site whose pages may reach the hubs; may be repeated", func(host string) error {
		o.AllowHosts = append(o.AllowHosts, host)
		return nil
	})
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	s, err := testserver.New(o)
	if err != nil {
		return err
	}
	return s.Run(ctx)
}
