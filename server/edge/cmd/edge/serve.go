package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"partline.dev/server"
	"partline.dev/server/edge/bundle"
	"partline.dev/server/edge/local"
	"partline.dev/server/keys"
)

// serveCommand is the flags of edge serve.
type serveCommand struct {
	Addr     string `help:"Where to serve the Workers, host:port; of port 0 the system chooses one." default:"localhost:8787" placeholder:"HOST:PORT"`
	HostAddr string `help:"Where to serve the demo host pages: another site than --addr." default:"127.0.0.1:8788" placeholder:"HOST:PORT"`
	Keys     string `help:"The file of the keys that the Workers sign with, made if it is not there. Default: keys in --data." placeholder:"FILE"`
	Data     string `help:"The folder of what outlives the Workers: their keys, and the rooms' storage." default:".cache/edge" placeholder:"DIR"`
	RoomWasm string `help:"A room of your own hubs, compiled with GOOS=js GOARCH=wasm. Default: the one that edge build has built." placeholder:"FILE"`
	RoomDir  string `help:"The folder of the main package of a room of your own hubs; it is compiled first." placeholder:"DIR"`
	Dir      string `help:"The folder that edge build has written to." default:"bin/edge" placeholder:"DIR"`
	Worker   string `help:"The folder of serve.mjs, in which npm has installed wrangler." default:"server/edge/worker" placeholder:"DIR"`

	varFlags
}

// Run serves until ctx ends.
func (c *serveCommand) Run(ctx context.Context) error {
	log := slog.New(slog.NewTextHandler(os.Stdout, nil))
	host, err := server.Listen("--host-addr", c.HostAddr)
	if err != nil {
		return err
	}
	defer host.Close()
	o, err := c.options(ctx, "http://"+host.Addr().String())
	if err != nil {
		return err
	}
	if err := free(c.Addr); err != nil {
		return err
	}
	w, err := local.Start(ctx, *o)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	return errors.Join(c.serve(ctx, log, w, host), w.Stop())
}

// free says what is wrong with an address before workerd does, in more words.
func free(addr string) error {
	l, err := server.Listen("--addr", addr)
	if err != nil {
		return err
	}
	return l.Close()
}

// serve serves the demo host pages for as long as the Workers run.
func (c *serveCommand) serve(ctx context.Context, log *slog.Logger, w *local.Workers, host net.Listener) error {
	demo, err := server.DemoHost(w.URL())
	if err != nil {
		return err
	}
	pages := &http.Server{Handler: demo, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	var serving sync.WaitGroup
	serving.Go(func() { failed <- pages.Serve(host) }) // until Close
	log.Info("listening", "addr", strings.TrimPrefix(w.URL(), "http://"), "set_by", "--addr")
	log.Info("listening", "addr", host.Addr().String(), "set_by", "--host-addr")
	log.Info("open", "parts", w.URL()+"/", "demo_host_page", "http://"+host.Addr().String()+"/")
	select {
	case <-ctx.Done():
		log.Info("shutting down")
	case <-w.Done():
		err = fmt.Errorf("the Workers have ended by themselves: %w", w.Err())
	case err = <-failed:
		err = fmt.Errorf("the demo host pages: %w", err)
	}
	_ = pages.Close()
	serving.Wait()
	return err
}

// options are what to run, for demo host pages of the site demo.
func (c *serveCommand) options(ctx context.Context, demo string) (*local.Options, error) {
	o := &local.Options{Dir: c.Dir, Worker: c.Worker, Addr: c.Addr, Data: filepath.Join(c.Data, "rooms")}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("--data: %w", err)
	}
	var err error
	if o.Gateway, o.Room, err = c.vars(demo); err != nil {
		return nil, err
	}
	keys, err := c.keys()
	if err != nil {
		return nil, fmt.Errorf("--keys: %w", err)
	}
	o.Gateway["KEYS"], o.Room["KEYS"] = keys, keys
	o.RoomWasm, err = c.room(ctx)
	return o, err
}

// keys is what the file of the keys says; it is made if it is not there.
func (c *serveCommand) keys() (string, error) {
	file := c.Keys
	if file == "" {
		file = filepath.Join(c.Data, "keys")
	}
	if _, err := keys.Open(slog.Default(), file); err != nil {
		return "", err
	}
	content, err := os.ReadFile(file)
	return string(content), err
}

// room is the file of a room of other hubs; empty: there is none.
func (c *serveCommand) room(ctx context.Context) (string, error) {
	switch {
	case c.RoomDir != "" && c.RoomWasm != "":
		return "", errors.New("--room-dir and --room-wasm: the room is to be compiled, or it has been; say one of them")
	case c.RoomDir != "":
		file := filepath.Join(c.Data, "room.wasm")
		return file, bundle.CompileRoom(ctx, c.RoomDir, file)
	}
	return c.RoomWasm, nil
}
