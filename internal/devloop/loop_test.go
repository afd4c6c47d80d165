package devloop_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"partline.dev/internal/devloop"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is a server that ends when it is stopped or told to.
type server struct {
	done chan struct{}
	once sync.Once
	err  error
}

func (s *server) Done() <-chan struct{} { return s.done }
func (s *server) Err() error            { return s.err }
func (s *server) Stop()                 { s.end(errors.New("stopped")) }
func (s *server) end(err error) {
	s.once.Do(func() { s.err = err; close(s.done) })
}

// bench is a loop over a folder of its own with a build that is told what to
// answer.
type bench struct {
	dir    string
	status string
	out    bytes.Buffer
	builds chan error    // what each build answers
	built  chan struct{} // a build has begun
	starts chan *server  // each server that was started
	done   chan error
	stop   context.CancelFunc
}

func start(t *testing.T) *bench {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	b := &bench{
		dir: t.TempDir(), builds: make(chan error), built: make(chan struct{}),
		starts: make(chan *server, 8), done: make(chan error, 1), stop: cancel,
	}
	b.status = filepath.Join(b.dir, "status")
	b.write(t, "src/a.go", "package a")
	loop := devloop.Loop{
		Out:        &b.out,
		StatusPath: b.status,
		Poll:       time.Millisecond,
		Look:       func() (devloop.Snapshot, error) { return devloop.Look(b.dir, "src") },
		Build: func(ctx context.Context) error {
			select {
			case b.built <- struct{}{}:
			case <-ctx.Done():
				return ctx.Err()
			}
			select {
			case err := <-b.builds:
				return err
			case <-ctx.Done():
				return ctx.Err()
			}
		},
		Start: func() (devloop.Server, error) {
			s := &server{done: make(chan struct{})}
			b.starts <- s
			return s, nil
		},
	}
	go func() { b.done <- loop.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case b.done <- nil: // Run's answer was taken by the test
		default:
		}
	})
	return b
}

func (b *bench) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(b.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// build waits for a build and gives it its answer.
func (b *bench) build(answer error) {
	<-b.built
	b.builds <- answer
}

func (b *bench) read(t *testing.T) (s devloop.Status) {
	t.Helper()
	text, err := os.ReadFile(b.status)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func (b *bench) end(t *testing.T) error {
	t.Helper()
	b.stop()
	return <-b.done
}

func TestLoop_restartsAfterAChange(t *testing.T) {
	b := start(t)
	b.build(nil)
	first := <-b.starts
	id := b.read(t).Build
	b.write(t, "src/a.go", "package a // changed")
	b.build(nil)
	second := <-b.starts
	<-first.Done()
	if now := b.read(t); now.Build == id || now.Error != "" {
		t.Errorf("after a build the status is %+v, before it the build was %q", now, id)
	}
	if err := b.end(t); err != nil {
		t.Errorf("a loop that was told to stop gives %v", err)
	}
	<-second.Done()
}

func TestLoop_keepsTheServerWhenTheBuildFails(t *testing.T) {
	b := start(t)
	b.build(nil)
	s := <-b.starts
	id := b.read(t).Build
	b.write(t, "src/a.go", "package a; syntax error")
	b.build(&devloop.BuildError{Output: "a.go:1: syntax error"})
	b.write(t, "src/a.go", "package a // mended")
	<-b.built // the status of the failed build was written before this one began
	if now := b.read(t); now.Build != id || now.Error != "a.go:1: syntax error" {
		t.Errorf("after a failed build the status is %+v, want build %q and the compiler's words", now, id)
	}
	select {
	case <-s.Done():
		t.Error("the server of the last good build was stopped")
	default:
	}
	b.builds <- nil
	<-b.starts
	<-s.Done()
	if now := b.read(t); now.Error != "" {
		t.Errorf("after a build that succeeded the status still says %q", now.Error)
	}
	if err := b.end(t); err != nil {
		t.Error(err)
	}
}

func TestLoop_waitsForAChangeWhenTheFirstBuildFails(t *testing.T) {
	b := start(t)
	b.build(&devloop.BuildError{Output: "a.go:1: syntax error"})
	b.write(t, "src/a.go", "package a // mended")
	b.build(nil)
	<-b.starts
	if err := b.end(t); err != nil {
		t.Error(err)
	}
	if !strings.Contains(b.out.String(), "a.go:1: syntax error") {
		t.Errorf("the terminal does not show what the compiler said:\n%s", b.out.String())
	}
}

func TestLoop_endsWhenTheServerGivesUp(t *testing.T) {
	b := start(t)
	b.build(nil)
	taken := errors.New("exit status 1")
	(<-b.starts).end(taken)
	if err := <-b.done; !errors.Is(err, taken) {
		t.Errorf("the loop gives %v", err)
	}
}

func TestLoop_goesOnWhenTheServerCrashes(t *testing.T) {
	b := start(t)
	b.build(nil)
	(<-b.starts).end(devloop.ErrCrashed)
	b.write(t, "src/a.go", "package a // mended")
	b.build(nil)
	<-b.starts
	if err := b.end(t); err != nil {
		t.Error(err)
	}
}

func TestLoop_endsDuringABuild(t *testing.T) {
	b := start(t)
	<-b.built
	if err := b.end(t); err != nil {
		t.Errorf("a loop that was told to stop gives %v", err)
	}
}
