// Command dev is make serve: it builds Partline, serves it, and builds and
// serves it anew whenever the source changes. Its arguments go to partline
// serve.
//
//	dev --addr localhost:9000
//
// It is run at the top of the workspace and ends with Ctrl-C.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"

	"partline.dev/internal/devloop"
)

// browserModules are what the browser's half is made of; serverModules are what
// the server is made of besides.
var (
	browserModules = []string{"app", "shared", "wasmclient", "web/cmd", "web/wasmbuild"}
	serverModules  = []string{"server", "web"}
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "make serve:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	dir := filepath.Join(root, ".cache", "dev")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	binary := filepath.Join(dir, "partline")
	status := filepath.Join(dir, "status.json")
	npm := devloop.NPM{Lock: filepath.Join(root, "e2e", "npm"), Dir: filepath.Join(root, ".cache", "npm"), Out: os.Stdout}
	builder := devloop.Builder{
		Root: root,
		Out:  os.Stdout,
		// A quick compression; make build takes its time over the best. All is
		// compiled with -trimpath, so that nothing is compiled twice.
		Browser: []string{"go", "run", "-trimpath", "./web/cmd/wasm", "-brotli", "5"},
		Sources: browserModules,
		Dist:    filepath.Join("web", "dist"),
		Server:  []string{"go", "build", "-trimpath", "-o", binary, "./server/cmd/partline"},
		Stamp:   filepath.Join(dir, "parts"),
	}
	loop := devloop.Loop{
		Out:        os.Stdout,
		StatusPath: status,
		Look: func() (devloop.Snapshot, error) {
			return devloop.Look(root, append(serverModules, browserModules...)...)
		},
		Build: builder.Build,
		Start: func() (devloop.Server, error) {
			serve := []string{"serve", "--dev", "--dev-status", status, "--dev-npm", filepath.Join(npm.Dir, "node_modules"), "--drain-timeout", "1s"}
			return devloop.StartCommand(os.Stderr, root, binary, append(serve, args...)...)
		},
	}
	ctx, stop := context.WithCancel(ctx)
	var bringing sync.WaitGroup
	bringing.Go(func() { npm.Bring(ctx) }) // nobody waits for it: the page looks for it at each request
	defer bringing.Wait()
	defer stop()
	return loop.Run(ctx)
}
