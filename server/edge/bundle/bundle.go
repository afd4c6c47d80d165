// Package bundle builds the two Workers of the edge into a folder from which wrangler
// deploys them, and says how large they are.
//
//	built, err := bundle.Build(ctx, bundle.Options{Out: "bin/edge", Pages: prerender.Render, Log: os.Stderr})
//	if err == nil {
//		err = built.Check(bundle.Limit)
//	}
//
// The folder gets one for each Worker: in modules what is uploaded as its code, in
// assets its files, and wrangler.jsonc.
//
// Concurrency: two builds into one folder must not overlap. Build blocks while the
// compiler runs, up to a minute the first time.
package bundle

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// The main packages of the programs.
const (
	gatewayProgram = "partline.dev/server/edge/cmd/gateway"
	roomProgram    = "partline.dev/server/edge/cmd/room"
)

// Options say what to build.
type Options struct {
	// Out is the folder to write to. It is made if it is not there; what an earlier
	// build left in it goes.
	Out string

	// GatewayDir is the folder of another gateway's main package, which is run as
	// gateway.mjs says. Empty: Partline's.
	GatewayDir string

	// RoomDir is the folder of another room's main package, which calls room.Main.
	// Empty: the room of the built-in hubs.
	RoomDir string

	// Pages writes the gateway's files into a folder: pages, and in it the folder web
	// of files whose names tell their content. Nil: there are none.
	Pages func(ctx context.Context, dir string) error

	// Gateway and Room are the variables with which the Workers are deployed, by name,
	// beside VERSION. They stand in the files for wrangler, so none is a secret.
	Gateway, Room map[string]string

	// Log gets one line for each step. Nil means silence.
	Log io.Writer
}

// Built is what was built.
type Built struct {
	// Version tells what all of it is made of: 16 hexadecimal digits. Both Workers
	// have it in their variable VERSION.
	Version string

	// Workers are the gateway and the room.
	Workers []Worker
}

// Build builds both Workers. It gives [gowasm.ErrCompile] if a program does not
// compile, and then leaves what was in the folder before.
func Build(ctx context.Context, o Options) (*Built, error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	next := filepath.Join(o.Out, ".next")
	if err := os.RemoveAll(next); err != nil {
		return nil, err
	}
	defer os.RemoveAll(next)
	recipes := []recipe{
		{name: "gateway", main: "gateway.mjs", scripts: []string{"exec.mjs"}, program: gatewayProgram, dir: o.GatewayDir, files: o.Pages, vars: o.Gateway},
		{name: "room", main: "room.mjs", scripts: []string{"exec.mjs", "sockets.mjs", "storage.mjs"}, program: roomProgram, dir: o.RoomDir, vars: o.Room},
	}
	built := &Built{}
	for _, r := range recipes {
		fmt.Fprintf(o.Log, "[%s] building\n", r.name)
		w, err := r.build(ctx, filepath.Join(next, r.name))
		if err != nil {
			return nil, fmt.Errorf("the Worker %s: %w", r.name, err)
		}
		built.Workers = append(built.Workers, *w)
	}
	var err error
	if built.Version, err = hash(next); err != nil {
		return nil, err
	}
	for _, r := range recipes {
		if err := r.configure(filepath.Join(next, r.name), built.Version); err != nil {
			return nil, err
		}
	}
	for _, r := range recipes {
		if err := replace(filepath.Join(o.Out, r.name), filepath.Join(next, r.name)); err != nil {
			return nil, err
		}
	}
	return built, nil
}

// replace puts the folder next in the place of the folder now.
func replace(now, next string) error {
	if err := os.RemoveAll(now); err != nil {
		return err
	}
	return os.Rename(next, now)
}
