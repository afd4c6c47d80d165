// Package local runs the Workers that package bundle has built on this machine, under
// workerd, which npm brings.
//
//	w, err := local.Start(ctx, local.Options{Dir: "bin/edge", Data: ".cache/edge", Worker: "server/edge/worker"})
//	...
//	err = w.Stop()
//
// Node runs workerd, in a process group of its own: an interrupt of the terminal
// reaches the program that called Start alone, which then decides. When that program
// dies, both end with their input.
//
// Concurrency: everything may be used from any goroutine.
//
// What blocks: [Start] until the Workers answer, some seconds; [Workers.Stop] until
// they have ended, 10 s at most.
package local

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// Options say which Workers to run, and how.
type Options struct {
	// Dir is the folder that package bundle has built into.
	Dir string

	// Worker is the folder of serve.mjs, in which npm has installed wrangler.
	Worker string

	// Addr is where to serve, host:port; of port 0 the system chooses one. Empty:
	// localhost:8787.
	Addr string

	// Data is the folder of the rooms' storage. It is made if it is not there.
	Data string

	// Gateway and Room are the variables of the Workers, besides those of the build.
	Gateway, Room map[string]string

	// RoomWasm is the file of another program of the room. Empty: the one in Dir.
	RoomWasm string

	// Log gets what the Workers log. Nil: the standard error output.
	Log io.Writer
}

// Workers are a gateway and a room that run.
type Workers struct {
	url   string
	cmd   *exec.Cmd
	stdin io.Closer
	once  sync.Once
	done  chan struct{}
	err   error // valid after done
}

// grace is how long they may take over their end.
const grace = 10 * time.Second

// Start runs the Workers until Stop. It says what is not there. When ctx ends before
// they answer, it gives its error.
func Start(ctx context.Context, o Options) (*Workers, error) {
	config, err := o.config()
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = os.Stderr
	}
	w := &Workers{cmd: exec.Command("node", filepath.Join(o.Worker, "serve.mjs")), done: make(chan struct{})}
	w.cmd.SysProcAttr = apart()
	w.cmd.Stderr = o.Log
	stdin, err := w.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := w.cmd.Start(); err != nil {
		return nil, fmt.Errorf("node, which runs the Workers: %w", err)
	}
	w.stdin = stdin
	said := make(chan string, 1)
	go w.watch(stdout, said) // until Stop
	if _, err := stdin.Write(append(config, '\n')); err != nil {
		return nil, errors.Join(err, w.Stop())
	}
	select {
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), w.Stop())
	case line := <-said:
		if w.url, err = ready(line); err != nil {
			return nil, errors.Join(err, w.Stop())
		}
		return w, nil
	}
}

// config is the line that serve.mjs reads.
func (o *Options) config() ([]byte, error) {
	addr := o.Addr
	if addr == "" {
		addr = "localhost:8787"
	}
	host, service, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("the address %q: it names a host and a port, as localhost:8787 does", addr)
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("the address %q: %q is no number of a port", addr, service)
	}
	if _, err := os.Stat(filepath.Join(o.Dir, "gateway", "wrangler.jsonc")); err != nil {
		return nil, fmt.Errorf("there are no Workers in %s: edge build builds them", o.Dir)
	}
	if _, err := os.Stat(filepath.Join(o.Worker, "node_modules", "wrangler")); err != nil {
		return nil, fmt.Errorf("npm has not installed wrangler in %s: run npm ci --prefix %s --ignore-scripts", o.Worker, o.Worker)
	}
	if err := os.MkdirAll(o.Data, 0o700); err != nil {
		return nil, fmt.Errorf("the folder of the rooms' storage: %w", err)
	}
	modules := map[string]string{}
	if o.RoomWasm != "" {
		modules["room.wasm"] = o.RoomWasm
	}
	return json.Marshal(map[string]any{
		"dir": o.Dir, "host": host, "port": port, "data": o.Data, "modules": modules,
		"vars": map[string]map[string]string{"gateway": o.Gateway, "room": o.Room},
	})
}

// watch hands on the first line of stdout, or an empty one, and waits for the end.
func (w *Workers) watch(stdout io.Reader, said chan<- string) {
	defer close(w.done)
	lines := bufio.NewReader(stdout)
	line, _ := lines.ReadString('\n') // the end is as good as a line
	said <- line
	_, _ = io.Copy(io.Discard, lines) // there is no other line
	if w.err = w.cmd.Wait(); w.err == nil {
		w.err = errors.New("node has ended")
	}
	remains(w.cmd.Process.Pid)
}

// ready is the URL in the line that serve.mjs writes.
func ready(line string) (string, error) {
	var said struct{ URL, Error string }
	switch err := json.Unmarshal([]byte(line), &said); {
	case err != nil:
		return "", errors.New("the Workers did not start: node has said why")
	case said.Error != "":
		return "", fmt.Errorf("the Workers did not start: %s", said.Error)
	}
	return said.URL, nil
}

// URL is where they are served, without a slash at its end.
func (w *Workers) URL() string { return w.url }

// Done is closed when they have ended, by themselves or not.
func (w *Workers) Done() <-chan struct{} { return w.done }

// Err is why they ended; valid after Done, never nil.
func (w *Workers) Err() error { return w.err }

// Stop ends them and waits for it. It gives an error if they had to be killed.
func (w *Workers) Stop() error {
	w.once.Do(func() { _ = w.stdin.Close() }) // they end with their input
	select {
	case <-w.done:
		return nil
	case <-time.After(grace):
		_ = w.cmd.Process.Kill()
		<-w.done
		return fmt.Errorf("the Workers did not end within %v and were killed", grace)
	}
}
