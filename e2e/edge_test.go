package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"partline.dev/internal/process"
	"partline.dev/internal/testkit/partline"
)

// edgeStop is how long the Workers may take over their end: three times what edge
// serve gives them.
const edgeStop = 30 * time.Second

// theEdge is command edge and what it has built: the Workers, and the room of the
// hubs of tests.
var theEdge = sync.OnceValues(func() (*edgeBuilt, error) {
	dir := filepath.Dir(binary)
	built := &edgeBuilt{dir: filepath.Join(dir, "edge-workers"), room: filepath.Join(dir, "testroom.wasm")}
	var err error
	if built.command, err = partline.Build(dir, "partline.dev/server/edge/cmd/edge"); err != nil {
		return nil, err
	}
	build := exec.Command(built.command, "build", "--out", built.dir)
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("edge build: %w\n%s", err, out)
	}
	return built, buildRoom(built.room)
})

// edgeBuilt is where everything is.
type edgeBuilt struct {
	command string
	dir     string // of the Workers
	room    string // the program of the hubs of tests
}

// buildRoom builds the room of the hubs of tests, with what flags say.
func buildRoom(out string, flags ...string) error {
	args := append([]string{"build", "-trimpath"}, flags...)
	build := exec.Command("go", append(args, "-o", out, "partline.dev/e2e/cmd/testroom")...)
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if said, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("the room of the tests: %w\n%s", err, said)
	}
	return nil
}

// edge is one edge serve: both Workers under workerd, and the demo host pages.
type edge struct {
	URL     string // of the gateway, without a slash at its end
	HostURL string // of the demo host pages: another site
	Data    string // where the rooms' storage and the keys are

	t       testing.TB
	command []string
	cmd     *process.Cmd
	done    chan struct{}
	err     error // why it ended; valid after done
	log     partline.Log
}

// startEdge starts edge serve with the flags, and returns when both Workers answer. It
// is stopped when the test ends.
func startEdge(t testing.TB, flags ...string) *edge {
	t.Helper()
	e := planEdge(t)
	e.start(flags...)
	return e
}

// planEdge is one that has its addresses, and is to be started.
func planEdge(t testing.TB) *edge {
	t.Helper()
	built, err := theEdge()
	if err != nil {
		t.Fatal(err)
	}
	addr, host := partline.FreeAddr(t, "localhost"), partline.FreeAddr(t, "127.0.0.1")
	e := &edge{URL: "http://" + addr, HostURL: "http://" + host, Data: t.TempDir(), t: t}
	e.command = []string{built.command, "serve", "--addr", addr, "--host-addr", host, "--data", e.Data, "--dir", built.dir}
	partline.Keep(t, e.log.String)
	t.Cleanup(func() {
		if e.running() {
			e.stop()
		}
		if t.Failed() {
			t.Logf("the log of %s:\n%s", e.URL, e.log.String())
		}
	})
	return e
}

// start starts it with the flags, also after it has ended.
func (e *edge) start(flags ...string) {
	e.t.Helper()
	// The context never ends: workerd would be left behind.
	e.cmd = process.Command(context.Background(), edgeStop, e.command[0], slices.Concat(e.command[1:], flags)...)
	e.cmd.Dir, e.cmd.Env, e.cmd.Stderr = "..", partline.Environment(), &e.log
	out, err := e.cmd.StdoutPipe()
	if err != nil {
		e.t.Fatal(err)
	}
	if err := e.cmd.Start(); err != nil {
		e.t.Fatal(err)
	}
	e.done = make(chan struct{})
	ready := make(chan struct{})
	go func() { // waited for by stop
		defer close(e.done)
		lines := bufio.NewReader(out)
		for {
			line, err := lines.ReadBytes('\n')
			_, _ = e.log.Write(line) // never fails
			if ready != nil && bytes.Contains(line, []byte("msg=open")) {
				close(ready)
				ready = nil
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					_, _ = fmt.Fprintln(&e.log, err)
				}
				break
			}
		}
		e.err = e.cmd.Wait()
	}()
	select {
	case <-ready:
	case <-e.done:
		e.t.Fatalf("edge serve ended before it was ready: %v", e.err)
	case <-time.After(3 * time.Minute): // the first start of workerd on a machine that is busy
		e.t.Fatal("edge serve is not ready")
	}
}

// stop ends it as an operator does.
func (e *edge) stop() {
	e.t.Helper()
	if err := e.cmd.Cancel(); err != nil {
		e.t.Fatal(err)
	}
	select {
	case <-e.done:
	case <-time.After(edgeStop):
		_ = e.cmd.Process.Kill()
		<-e.done
		e.t.Errorf("edge serve did not end within %v", edgeStop)
	}
	if e.err != nil {
		e.t.Errorf("edge serve ended with %v", e.err)
	}
}

func (e *edge) running() bool {
	if e.done == nil {
		return false
	}
	select {
	case <-e.done:
		return false
	default:
		return true
	}
}

// lasting is an address of the gateway at which idle connections stay, as on Cloudflare's
// network. workerd itself ends them after five seconds without a word, and fetch in Node
// fails that asks at that moment.
func (e *edge) lasting(t *testing.T) string {
	t.Helper()
	to, err := url.Parse(e.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host
		},
		Transport:    &http.Transport{DisableKeepAlives: true},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	s := httptest.NewServer(proxy)
	t.Cleanup(s.Close)
	t.Cleanup(s.CloseClientConnections)
	return strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
}

// ticket mints one with the gateway's keys.
func (e *edge) ticket(args ...string) string {
	e.t.Helper()
	mint := exec.Command(binary, append([]string{"ticket", "--keys", filepath.Join(e.Data, "keys")}, args...)...)
	out, err := mint.CombinedOutput()
	if err != nil {
		e.t.Fatalf("%v: %s", err, out)
	}
	return secret(strings.TrimSpace(string(out)))
}
