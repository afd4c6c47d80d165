package edge_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"partline.dev/internal/process"
	"partline.dev/internal/testkit/partline"
	"partline.dev/server/edge/inside"
	"partline.dev/web"
	"partline.dev/web/gowasm"
)

// scripts is the folder of the room's JavaScript, in which npm has installed wrangler.
const scripts = "../../server/edge/worker"

// guard is how long anything may take on a machine that is busy.
const guard = time.Minute

// modules are the files of the room's Worker, the first the one that is run.
var modules []string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "partline-rooms-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "edge:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	if err := build(dir); err != nil {
		fmt.Fprintln(os.Stderr, "edge:", err)
		return 1
	}
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, "edge:", err)
		code = 1
	}
	return code
}

// build compiles the room of the hubs of tests.
func build(dir string) error {
	ctx := context.Background()
	program, exec := filepath.Join(dir, "room.wasm"), filepath.Join(dir, web.ExecFile)
	if err := gowasm.Compile(ctx, gowasm.Program{Package: "partline.dev/e2e/cmd/testroom", Out: program}); err != nil {
		return err
	}
	script, err := gowasm.Exec(ctx, "")
	if err != nil {
		return err
	}
	if err := os.WriteFile(exec, script, 0o600); err != nil {
		return err
	}
	for _, name := range []string{"room.mjs", "sockets.mjs", "storage.mjs", "exec.mjs"} {
		modules = append(modules, filepath.Join(scripts, name))
	}
	modules = append(modules, exec, program)
	return nil
}

// runtime is rooms in one workerd.
type runtime struct {
	url string
	pid int // of workerd
	log partline.Log

	t     testing.TB
	data  string
	vars  map[string]string
	stdin io.Closer
	done  chan struct{}
	err   error // why it ended; valid after done
}

// start runs rooms with the variables. They end with the test.
func start(t testing.TB, data string, vars map[string]string) *runtime {
	t.Helper()
	r := &runtime{t: t, data: data, vars: vars}
	t.Cleanup(func() {
		if r.running() {
			r.stop()
		}
		if t.Failed() {
			t.Logf("the log of the rooms:\n%s", r.log.String())
		}
	})
	r.restart()
	return r
}

// restart runs them again, after their end.
func (r *runtime) restart() {
	r.t.Helper()
	if _, err := os.Stat(filepath.Join(scripts, "node_modules", "miniflare")); err != nil {
		r.t.Fatalf("miniflare is not in %s/node_modules; run npm ci --prefix server/edge/worker --ignore-scripts", scripts)
	}
	config, err := json.Marshal(map[string]any{"worker": scripts, "modules": modules, "data": r.data, "vars": r.vars})
	if err != nil {
		r.t.Fatal(err)
	}
	// The context never ends: workerd would be left behind.
	cmd := process.Command(context.Background(), guard, "node", "workers/run.mjs")
	cmd.Stderr = &r.log
	in, err := cmd.StdinPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.stdin, r.done = in, make(chan struct{})
	said := make(chan string, 1)
	go func() { // waited for by stop
		defer close(r.done)
		lines := bufio.NewReader(out)
		line, _ := lines.ReadString('\n') // the end is as good as a line
		said <- line
		_, _ = io.Copy(&r.log, lines)
		r.err = cmd.Wait()
	}()
	if _, err := in.Write(append(config, '\n')); err != nil {
		r.t.Fatal(err)
	}
	select {
	case line := <-said:
		var ready struct {
			URL string
			PID int
		}
		if err := json.Unmarshal([]byte(line), &ready); err != nil {
			r.t.Fatalf("the rooms do not start: %q", line)
		}
		r.url, r.pid = ready.URL, ready.PID
	case <-time.After(3 * guard):
		r.t.Fatal("the rooms do not start")
	}
}

func (r *runtime) running() bool {
	if r.done == nil {
		return false
	}
	select {
	case <-r.done:
		return false
	default:
		return true
	}
}

// stop ends them.
func (r *runtime) stop() {
	r.t.Helper()
	_ = r.stdin.Close()
	select {
	case <-r.done:
	case <-time.After(guard):
		r.t.Fatal("the rooms do not end")
	}
	if r.err != nil {
		r.t.Errorf("the rooms ended with %v", r.err)
	}
}

// negotiate asks the room of a name for a connection.
func (r *runtime) negotiate(name string, n *inside.Negotiation) (*inside.Negotiated, error) {
	n.Version = inside.Version
	body, err := json.Marshal(n)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), guard)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url+"/room/"+name+inside.PathNegotiate, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer reply.Body.Close()
	said, err := io.ReadAll(reply.Body)
	if err != nil {
		return nil, err
	}
	if reply.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the room answers %s: %s", reply.Status, said)
	}
	made := &inside.Negotiated{}
	return made, json.Unmarshal(said, made)
}

// socket is where a WebSocket to a connection that was negotiated begins.
func (r *runtime) socket(hub, token string) string {
	return strings.Replace(r.url, "http", "ws", 1) + "/hubs/" + hub + "?id=" + token
}

// together calls f for each number below n, some at once, and fails with the first
// error.
func together(t testing.TB, n int, f func(i int) error) {
	t.Helper()
	var wg sync.WaitGroup
	errs := make(chan error, n)
	next := make(chan int)
	for range 8 {
		wg.Go(func() {
			for i := range next {
				if err := f(i); err != nil {
					errs <- err
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
	select {
	case err := <-errs:
		t.Fatal(err)
	default:
	}
}
