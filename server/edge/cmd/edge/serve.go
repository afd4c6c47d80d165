package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
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
	Addr      string            `help:"Where to serve the Workers, host:port; of port 0 the system chooses one." default:"localhost:8787" placeholder:"HOST:PORT"`
	HostAddr  string            `help:"Where to serve the demo host pages: another site than --addr." default:"127.0.0.1:8788" placeholder:"HOST:PORT"`
	Origin    string            `help:"The server that has the hubs, as http://localhost:8080; the Workers then lead there. Default: the hubs are in rooms." placeholder:"URL"`
	AllowHost []string          `help:"A site whose pages may show the parts and reach the hubs, besides the demo host pages, as https://host or https://*.host. May be repeated." placeholder:"ORIGIN"`
	Tenants   string            `help:"A file that declares tenants; takes the place of --allow-host. It is read at the start." placeholder:"FILE"`
	Keys      string            `help:"The file of the keys that the Workers sign with, made if it is not there. Default: keys in --data." placeholder:"FILE"`
	Data      string            `help:"The folder of what outlives the Workers: their keys, and the rooms' storage." default:".cache/edge" placeholder:"DIR"`
	Var       map[string]string `help:"A variable of both Workers, as MAX_CONNECTIONS=100; docs/edge.md lists them. May be repeated." placeholder:"NAME=VALUE" mapsep:"none"`
	RoomWasm  string            `help:"A room of your own hubs, compiled with GOOS=js GOARCH=wasm. Default: the one that edge build has built." placeholder:"FILE"`
	RoomDir   string            `help:"The folder of the main package of a room of your own hubs; it is compiled first." placeholder:"DIR"`
	Dir       string            `help:"The folder that edge build has written to." default:"bin/edge" placeholder:"DIR"`
	Worker    string            `help:"The folder of serve.mjs, in which npm has installed wrangler." default:"server/edge/worker" placeholder:"DIR"`
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
	if o.Room, err = c.shared(); err != nil {
		return nil, err
	}
	o.Gateway = maps.Clone(o.Room)
	o.Gateway["ORIGIN"] = c.Origin
	switch {
	case c.Tenants == "":
		o.Gateway["ALLOW_HOSTS"] = strings.Join(append([]string{demo}, c.AllowHost...), ",")
	case len(c.AllowHost) > 0:
		return nil, errors.New("--tenants and --allow-host: the file of tenants says which sites may show whose parts; write the sites there, as hosts of a tenant")
	}
	o.RoomWasm, err = c.room(ctx)
	return o, err
}

// shared are the variables that both Workers have.
func (c *serveCommand) shared() (map[string]string, error) {
	file := c.Keys
	if file == "" {
		file = filepath.Join(c.Data, "keys")
	}
	if _, err := keys.Open(slog.Default(), file); err != nil { // makes it
		return nil, fmt.Errorf("--keys: %w", err)
	}
	vars := maps.Clone(c.Var)
	if vars == nil {
		vars = map[string]string{}
	}
	for name, path := range map[string]string{"KEYS": file, "TENANTS": c.Tenants} {
		if path == "" {
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("--%s: %w", strings.ToLower(name), err)
		}
		vars[name] = string(content)
	}
	return vars, nil
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
