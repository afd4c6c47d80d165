package main

import (
	"context"
	"os"

	"partline.dev/server/edge/bundle"
	"partline.dev/server/edge/prerender"
)

// buildCommand is the flags of edge build.
type buildCommand struct {
	Out     string `help:"The folder to write to: one for each Worker, from which wrangler deploys it." default:"bin/edge" placeholder:"DIR"`
	RoomDir string `help:"The folder of the main package of a room of your own hubs, which calls room.Main. Default: the built-in hubs." placeholder:"DIR"`
	Limit   int    `help:"How many bytes the code of one Worker may have, compressed. Default: 3 * 1024 * 1024, as Cloudflare's free plan has it; the paid one has 10 * 1024 * 1024." default:"${limit}" placeholder:"BYTES"`

	varFlags
}

// Run builds.
func (c *buildCommand) Run(ctx context.Context) error {
	o := bundle.Options{Out: c.Out, RoomDir: c.RoomDir, Pages: pages, Log: os.Stderr}
	var err error
	if o.Gateway, o.Room, err = c.vars(); err != nil {
		return err
	}
	built, err := bundle.Build(ctx, o)
	if err != nil {
		return err
	}
	built.Print(os.Stdout, c.Limit)
	return built.Check(c.Limit)
}

// pages writes the gateway's files: those of the built-in parts.
func pages(ctx context.Context, dir string) error {
	return prerender.Render(ctx, dir, prerender.Options{})
}
