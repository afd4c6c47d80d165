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
	"strconv"
	"strings"
	"time"

	"partline.dev/server"
	"partline.dev/server/edge/bundle"
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
	Data      string            `help:"The folder of the rooms' storage." default:".cache/edge" placeholder:"DIR"`
	Var       map[string]string `help:"A variable of both Workers, as MAX_CONNECTIONS=100. May be repeated." placeholder:"NAME=VALUE"`
	RoomWasm  string            `help:"A room of other hubs, built by GOOS=js GOARCH=wasm go build. Default: the one that edge build has built." placeholder:"FILE"`
	RoomDir   string            `help:"The folder of the main package of a room of your own hubs; it is built first." placeholder:"DIR"`
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
	r, err := c.runtime(ctx, "http://"+host.Addr().String())
	if err != nil {
		return err
	}
	w, err := startWorkers(ctx, c.Worker, *r)
	if err != nil || w == nil {
		return err
	}
	err = c.serve(ctx, log, w, host)
	return errors.Join(err, w.stop())
}

// serve serves the demo host pages for as long as the Workers run.
func (c *serveCommand) serve(ctx context.Context, log *slog.Logger, w *workers, host net.Listener) error {
	demo, err := server.DemoHost(w.URL)
	if err != nil {
		return err
	}
	pages := &http.Server{Handler: demo, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- pages.Serve(host) }() // until Close
	log.Info("listening", "addr", strings.TrimPrefix(w.URL, "http://"), "set_by", "--addr")
	log.Info("listening", "addr", host.Addr().String(), "set_by", "--host-addr")
	log.Info("open", "parts", w.URL+"/", "demo_host_page", "http://"+host.Addr().String()+"/")
	select {
	case <-ctx.Done():
		log.Info("shutting down")
	case <-w.done:
		err = fmt.Errorf("the Workers have ended by themselves: %w", w.err)
	}
	_ = pages.Close()
	<-failed
	return err
}

// runtime is what to run, for demo host pages of the site.
func (c *serveCommand) runtime(ctx context.Context, demo string) (*runtime, error) {
	hostname, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return nil, fmt.Errorf("--addr %q: it names a host and a port, as localhost:8787 does", c.Addr)
	}
	r := &runtime{Dir: c.Dir, Host: hostname, Data: filepath.Join(c.Data, "rooms")}
	if r.Port, err = strconv.Atoi(port); err != nil {
		return nil, fmt.Errorf("--addr %q: %q is no number of a port", c.Addr, port)
	}
	if _, err := os.Stat(filepath.Join(c.Dir, "gateway", "wrangler.jsonc")); err != nil {
		return nil, fmt.Errorf("there are no Workers in %s; run edge build, or make edge-serve, which does", c.Dir)
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("--data %s: %w", c.Data, err)
	}
	if r.Vars, err = c.vars(demo); err != nil {
		return nil, err
	}
	room, err := c.room(ctx)
	if room != "" {
		r.Modules = map[string]string{"room.wasm": room}
	}
	return r, err
}

// room is the file of another room; empty: there is none.
func (c *serveCommand) room(ctx context.Context) (string, error) {
	switch {
	case c.RoomDir != "" && c.RoomWasm != "":
		return "", errors.New("--room-dir and --room-wasm: a room is built, or it has been; say one of them")
	case c.RoomDir != "":
		file := filepath.Join(c.Data, "room.wasm")
		return file, bundle.CompileRoom(ctx, c.RoomDir, file)
	}
	return c.RoomWasm, nil
}

// vars are the variables of the Workers.
func (c *serveCommand) vars(demo string) (map[string]map[string]string, error) {
	file := c.Keys
	if file == "" {
		file = filepath.Join(c.Data, "keys")
	}
	if _, err := keys.Open(slog.Default(), file); err != nil {
		return nil, fmt.Errorf("--keys: %w", err)
	}
	shared := map[string]string{}
	for name, value := range c.Var {
		shared[name] = value
	}
	for name, path := range map[string]string{"KEYS": file, "TENANTS": c.Tenants} {
		if path == "" {
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("--%s: %w", strings.ToLower(name), err)
		}
		shared[name] = string(content)
	}
	switch {
	case c.Tenants == "":
		shared["ALLOW_HOSTS"] = strings.Join(append([]string{demo}, c.AllowHost...), " ")
	case len(c.AllowHost) > 0:
		return nil, errors.New("--tenants and --allow-host: the file of tenants says which sites may show whose parts; write the sites there, as hosts of a tenant")
	}
	gateway := map[string]string{"ORIGIN": c.Origin}
	for name, value := range shared {
		gateway[name] = value
	}
	return map[string]map[string]string{"gateway": gateway, "room": shared}, nil
}
