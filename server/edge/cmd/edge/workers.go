package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// runtime is what serve.mjs reads: which Workers to run, and how.
type runtime struct {
	Dir     string                       `json:"dir"`  // what edge build has built
	Host    string                       `json:"host"` // where to serve
	Port    int                          `json:"port"` // 0: any
	Data    string                       `json:"data"` // where the rooms' storage is
	Vars    map[string]map[string]string `json:"vars"` // by Worker, by name
	Modules map[string]string            `json:"modules,omitempty"`
}

// workers are both Workers, run by node in a process of its own.
type workers struct {
	URL string // without a slash at its end

	cmd   *exec.Cmd
	stdin io.Closer
	done  chan struct{}
	err   error // why they ended; valid after done
}

// workersGrace is how long they may take over their end.
const workersGrace = 10 * time.Second

// startWorkers runs serve.mjs of the folder dir and returns when the Workers answer.
// Whoever gets workers stops them.
func startWorkers(ctx context.Context, dir string, r runtime) (*workers, error) {
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "wrangler")); err != nil {
		return nil, fmt.Errorf("wrangler is not in %s; run npm ci --prefix %s --ignore-scripts, or make edge-serve, which does", filepath.Join(dir, "node_modules"), dir)
	}
	config, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	// It is stopped by stop alone: whoever kills node leaves workerd behind.
	cmd := exec.Command("node", filepath.Join(dir, "serve.mjs")) //nolint:gosec // the folder is the developer's
	cmd.SysProcAttr = apart()
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("node, which runs the Workers: %w", err)
	}
	w := &workers{cmd: cmd, stdin: stdin, done: make(chan struct{})}
	said := make(chan string, 1)
	go w.watch(stdout, said) // until stop
	if _, err := stdin.Write(append(config, '\n')); err != nil {
		return nil, errors.Join(err, w.stop())
	}
	select {
	case <-ctx.Done():
		return nil, w.stop()
	case line := <-said:
		if w.URL, err = ready(line); err != nil {
			return nil, errors.Join(err, w.stop())
		}
		return w, nil
	}
}

// watch hands on the first line of stdout, or an empty one, and waits for the end.
func (w *workers) watch(stdout io.Reader, said chan<- string) {
	defer close(w.done)
	lines := bufio.NewReader(stdout)
	line, _ := lines.ReadString('\n') // the end is as good as a line
	said <- line
	_, _ = io.Copy(os.Stderr, lines)
	w.err = w.cmd.Wait()
	remains(w.cmd.Process.Pid)
}

// ready is the URL in the line that serve.mjs writes.
func ready(line string) (string, error) {
	var said struct{ URL, Error string }
	switch err := json.Unmarshal([]byte(line), &said); {
	case err != nil:
		return "", errors.New("the Workers did not start; why is above")
	case said.Error != "":
		return "", fmt.Errorf("the Workers did not start: %s", said.Error)
	}
	return said.URL, nil
}

// stop ends the Workers and waits for it. They end with their input.
func (w *workers) stop() error {
	_ = w.stdin.Close()
	select {
	case <-w.done:
		return nil
	case <-time.After(workersGrace):
		_ = w.cmd.Process.Kill()
		<-w.done
		return fmt.Errorf("the Workers did not end within %v and were killed", workersGrace)
	}
}
