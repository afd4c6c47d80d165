// Package example builds and starts the servers of the examples as their readers
// do, each in a process of its own, for tests from the outside.
//
//	s := example.Start(t, "partline.dev/examples/ownserver", t.TempDir())
//	http.Get(s.URL)
//
// A server is ended when its test does, if it was not before. What it writes is
// the output of the test.
//
// Concurrency: a [Server] belongs to its test's goroutine.
//
// What blocks: [Start] until the program is built and its server answers;
// [Server.Stop] until it has ended.
package example

import (
	"context"
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"

	"partline.dev/internal/process"
	"partline.dev/internal/testkit/partline"
)

// guard is three times the 10 s that a server may take to shut down; it starts
// in well under a second.
const guard = 30 * time.Second

// Server is an example that runs.
type Server struct {
	// URL is where it is, without a slash at the end.
	URL string

	t    testing.TB
	cmd  *process.Cmd
	done chan struct{}
	err  error // why it ended; valid after done
}

// Start builds the main package pkg and starts it in the folder dir, at a free
// address.
func Start(t testing.TB, pkg, dir string) *Server {
	t.Helper()
	binary, err := partline.Build(t.TempDir(), pkg)
	if err != nil {
		t.Fatal(err)
	}
	addr := partline.FreeAddr(t, "localhost")
	s := &Server{URL: "http://" + addr, t: t, done: make(chan struct{})}
	s.cmd = process.Command(context.Background(), guard, binary)
	s.cmd.Dir = dir
	s.cmd.Env = append(os.Environ(), "ADDR="+addr)
	s.cmd.Stdout, s.cmd.Stderr = t.Output(), t.Output()
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { // waited for by end
		defer close(s.done)
		s.err = s.cmd.Wait()
	}()
	t.Cleanup(func() { _ = s.end(syscall.SIGKILL) })
	s.awaitAnswer()
	return s
}

// awaitAnswer asks until anybody answers, whatever it is.
func (s *Server) awaitAnswer() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), guard)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if answers(ctx, s.URL) {
			return
		}
		select {
		case <-tick.C:
		case <-s.done:
			s.t.Fatalf("the example ended before it answered: %v", s.err)
		case <-ctx.Done():
			s.t.Fatalf("the example does not answer after %v", guard)
		}
	}
}

func answers(ctx context.Context, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	r, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		return false
	}
	r.Body.Close()
	return true
}

// Stop asks the server to end, waits until it has, and returns what its end was:
// nil for exit status 0.
func (s *Server) Stop() error {
	s.t.Helper()
	return s.end(syscall.SIGTERM)
}

func (s *Server) end(signal syscall.Signal) error {
	s.t.Helper()
	_ = s.cmd.Process.Signal(signal) // it may have ended
	select {
	case <-s.done:
	case <-time.After(guard):
		_ = s.cmd.Process.Kill()
		<-s.done
		s.t.Errorf("the example did not end within %v", guard)
	}
	return s.err
}
