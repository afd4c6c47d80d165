// Package partline starts the built binary as its users do, in a process of its
// own, for tests from the outside.
//
//	s := partline.Start(t, binary, "--dev")
//	http.Get(s.URL + "/parts/one")
//
// A server is stopped when its test ends, if it was not before, and its log is
// shown if the test failed.
//
// Concurrency: a [Server] belongs to its test's goroutine, but for [Server.Log]. What
// all of them have written, [Said] tells when the tests are over.
//
// What blocks: [Start] until the server is ready; [Server.Stop] until it has
// ended.
package partline

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"partline.dev/internal/process"
)

const (
	// startGuard is how long a server may take until it is ready; it takes well
	// under a second.
	startGuard = 30 * time.Second

	// stopGuard is three times the 10 s that a drain may take.
	stopGuard = 30 * time.Second
)

// Server is one partline serve.
type Server struct {
	// URL is where the parts and the hubs are, without a slash at the end.
	URL string

	// HostURL is where the demo host page is with --dev: another site than URL.
	HostURL string

	// Dir is the folder in which it runs.
	Dir string

	// MetricsURL is where the metrics are.
	MetricsURL string

	t      testing.TB
	binary string
	args   []string
	cmd    *process.Cmd
	done   chan struct{}
	err    error // why it ended; valid after done
	frozen bool

	log     Log
	metrics Log // before each end
}

// Start starts binary's serve with the flags, at free ports, and returns when
// it is ready. The flag --addr sets another port, each flag and its value as two
// arguments; with --tls-cert or --acme-domain the URL is one of https.
func Start(t testing.TB, binary string, flags ...string) *Server {
	t.Helper()
	addr, host, metrics := FreeAddr(t, "localhost"), FreeAddr(t, "127.0.0.1"), FreeAddr(t, "127.0.0.1")
	scheme := "http://"
	if i := slices.Index(flags, "--addr"); i >= 0 {
		addr = flags[i+1]
	}
	if slices.Contains(flags, "--tls-cert") || slices.Contains(flags, "--acme-domain") {
		scheme = "https://"
	}
	s := &Server{
		URL: scheme + addr, HostURL: "http://" + host, MetricsURL: "http://" + metrics,
		Dir: t.TempDir(),
		t:   t, binary: binary,
		args: append([]string{"serve", "--addr", addr, "--dev-host-addr", host, "--metrics-addr", metrics}, flags...),
	}
	Keep(t, func() string { return s.log.String() + s.metrics.String() })
	t.Cleanup(func() {
		if s.running() {
			s.Kill()
		}
		if t.Failed() {
			t.Logf("the log of %s:\n%s", s.URL, s.Log())
		}
	})
	s.Restart()
	return s
}

// Restart starts the server again at the same addresses, after it has ended,
// and returns when it is ready.
func (s *Server) Restart() {
	s.t.Helper()
	if s.running() {
		s.t.Fatal("the server still runs")
	}
	cmd := process.Command(context.Background(), stopGuard, s.binary, s.args...)
	cmd.Dir = s.Dir
	cmd.Env = Environment()
	cmd.Stdout, cmd.Stderr = &s.log, &s.log
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.cmd, s.done, s.frozen = cmd, make(chan struct{}), false
	go func() { // waited for by Stop and Kill
		defer close(s.done)
		s.err = cmd.Wait()
	}()
	s.awaitReady()
}

// awaitReady asks until the server says that it is ready.
func (s *Server) awaitReady() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startGuard)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	where := s.URL + "/readyz"
	if strings.HasPrefix(where, "https:") {
		where = s.MetricsURL + "/metrics" // they begin together, and nobody here knows its certificate
	}
	for {
		if ready(ctx, where) {
			return
		}
		select {
		case <-tick.C:
		case <-s.done:
			s.t.Fatalf("the server ended before it was ready: %v", s.err)
		case <-ctx.Done():
			s.t.Fatalf("the server is not ready after %v", startGuard)
		}
	}
}

// Stop asks the server to end, as an operator does, waits until it has, and
// returns what its end was: nil for exit status 0.
func (s *Server) Stop() error {
	s.t.Helper()
	return s.end(syscall.SIGTERM)
}

// Kill ends the server at once, as a power failure does.
func (s *Server) Kill() {
	s.t.Helper()
	_ = s.end(syscall.SIGKILL) // always "signal: killed"
}

// Freeze stops the server where it is, without ending it: what is sent to it
// waits.
func (s *Server) Freeze() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		s.t.Fatal(err)
	}
	s.frozen = true
}

func (s *Server) end(signal syscall.Signal) error {
	s.t.Helper()
	s.keepMetrics()
	if err := s.cmd.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
	select {
	case <-s.done:
	case <-time.After(stopGuard):
		_ = s.cmd.Process.Kill()
		<-s.done
		s.t.Errorf("the server did not end within %v", stopGuard)
	}
	return s.err
}

// Log is what the server has written so far.
func (s *Server) Log() string { return s.log.String() }

// Metric reads one number from the metrics; it fails the test if there is none
// of that name. A name may carry its labels, as they are printed.
func (s *Server) Metric(name string) float64 {
	s.t.Helper()
	body := s.get(s.MetricsURL + "/metrics")
	for line := range strings.Lines(body) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				s.t.Fatalf("metric %s: %v", name, err)
			}
			return n
		}
	}
	s.t.Fatalf("there is no metric %s in:\n%s", name, body)
	return 0
}

func (s *Server) get(url string) string {
	s.t.Helper()
	r, err := once.Get(url)
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(r.Body); err != nil || r.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: %s, %v", url, r.Status, err)
	}
	return body.String()
}

func (s *Server) running() bool {
	if s.done == nil {
		return false
	}
	select {
	case <-s.done:
		return false
	default:
		return true
	}
}

// once keeps no connection open, so that the server is left as it was.
var once = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

func ready(ctx context.Context, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	r, err := once.Do(request)
	if err != nil {
		return false
	}
	r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// FreeAddr is host and a port at which nothing listens. It lies below the ports
// that the system gives to outgoing connections: a client that keeps trying to
// reach a dead server there could otherwise be connected to itself.
func FreeAddr(t testing.TB, host string) string {
	t.Helper()
	const lowest, highest = 15000, 32000
	for range 100 {
		addr := net.JoinHostPort(host, strconv.Itoa(lowest+rand.IntN(highest-lowest)))
		if l, err := net.Listen("tcp", addr); err == nil {
			l.Close()
			return addr
		}
	}
	t.Fatalf("no port from %d to %d is free", lowest, highest)
	return ""
}

// Environment is this process's, without what would set a flag of a program of ours.
func Environment() []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "PARTLINE_") {
			env = append(env, e)
		}
	}
	return env
}

// Log keeps what a process writes. Its methods may be called from any goroutine.
type Log struct {
	mu   sync.Mutex // protects following
	text bytes.Buffer
}

// Write adds to it, and never fails.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String is all of it.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Build builds a main package of the workspace into dir, as make build does, and
// returns the path of the binary.
func Build(dir, pkg string) (string, error) {
	binary := dir + "/" + pkg[strings.LastIndex(pkg, "/")+1:]
	out, err := exec.Command("go", "build", "-trimpath", "-o", binary, pkg).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
	}
	return binary, nil
}
