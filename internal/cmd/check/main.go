// Command check runs the project's tests: what make unit, test, soak, fuzz and
// lint do.
//
//	check unit|test|soak|fuzz|lint [-seed N] [-fuzztime D]
//
// It is run at the top of the workspace. It ends with 0 if nothing failed.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"
	"time"

	"partline.dev/internal/check"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "check: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("check", flag.ContinueOnError)
	seed := flags.Uint64("seed", 0, "draw the samples with this `number`; 0 chooses one")
	fuzz := flags.Duration("fuzztime", 5*time.Second, "how long each fuzz target runs")
	if len(args) == 0 {
		return fmt.Errorf("say what to check: unit, test, soak, fuzz or lint")
	}
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if *seed == 0 {
		*seed = uint64(rand.Uint32()) // short enough to be typed
	}
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	r := check.New(check.Options{Root: root, Out: os.Stdout, Seed: *seed, FuzzTime: *fuzz})
	switch args[0] {
	case "unit":
		return r.Unit(ctx)
	case "test":
		return r.Test(ctx)
	case "soak":
		return r.Soak(ctx)
	case "fuzz":
		return r.Fuzz(ctx)
	case "lint":
		return r.Lint(ctx)
	}
	return fmt.Errorf("there is no %q: unit, test, soak, fuzz or lint", args[0])
}
