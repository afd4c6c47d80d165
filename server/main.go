package server

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

// Main is the main function of a program that does nothing but serve o. It
// returns when the program was interrupted or asked to end (SIGTERM) and has shut
// down as [Server.Run] does; a second signal ends the program at once. If o cannot
// be served it writes why to the standard error output and ends the program with
// status 1.
func Main(o Options) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal finds the default: the end
	s, err := New(o)
	if err == nil {
		err = s.Run(ctx)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", filepath.Base(os.Args[0]), err)
		os.Exit(1)
	}
}
