// Package devloop is the loop behind make serve: it watches the source, builds
// what changed, and replaces the running server when the build succeeded. When
// it did not, the old server goes on, and open pages show what the compiler
// said, by way of the status file that the server reads.
//
//	l := devloop.Loop{Look: look, Build: build, Start: start, StatusPath: path, Out: os.Stdout}
//	err := l.Run(ctx)
//
// Concurrency: [Loop.Run] is called once; everything happens on its goroutine.
//
// What blocks: Run, until its context ends, and a build, until the compiler has
// ended. A change that is made during a build is built after it.
package devloop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strconv"
	"time"
)

// Loop is one development loop. Every field but Poll must be set.
type Loop struct {
	Out        io.Writer
	StatusPath string                          // the file that tells the server of builds; see [Status]
	Look       func() (Snapshot, error)        // the watched files, as they are now
	Build      func(ctx context.Context) error // builds the server; a *BuildError says what is wrong with the source
	Start      func() (Server, error)          // starts the server that was built
	Poll       time.Duration                   // how often to look; zero means 300 ms

	built  Snapshot // what the last build was made of
	server Server   // nil: none runs
	id     string   // of the last build that succeeded
}

// A Server is a running server.
type Server interface {
	Done() <-chan struct{} // closed when it has ended, by itself or not
	Err() error            // why it ended; valid after Done, never nil
	Stop()                 // asks it to end and waits for it
}

// BuildError is a build that failed for a reason in the source.
type BuildError struct{ Output string }

// Error returns what the compiler said.
func (e *BuildError) Error() string { return e.Output }

// ErrCrashed is a server that ended by a panic, which the next change to the
// source may mend: the loop goes on. Any other end, such as a port that is
// taken, ends the loop.
var ErrCrashed = errors.New("the server crashed")

// Run builds, starts and watches until ctx ends, and then stops the server.
func (l *Loop) Run(ctx context.Context) error {
	poll := l.Poll
	if poll == 0 {
		poll = 300 * time.Millisecond
	}
	defer l.stop()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		if err := l.turn(ctx, tick.C); err != nil || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-l.ended():
			err := l.server.Err()
			l.server = nil
			if !errors.Is(err, ErrCrashed) {
				return fmt.Errorf("the server has ended: %w", err)
			}
			fmt.Fprintln(l.Out, "the server crashed; it starts again when you have saved a change")
		}
	}
}

// turn builds if anything has changed since the last build.
func (l *Loop) turn(ctx context.Context, tick <-chan time.Time) error {
	now, err := l.Look()
	if err != nil || maps.Equal(now, l.built) {
		return err
	}
	if l.built != nil {
		if now, err = l.settle(ctx, now, tick); err != nil {
			return err
		}
		fmt.Fprintf(l.Out, "changed: %s\n", now.Difference(l.built))
	}
	l.built = now
	err = l.Build(ctx)
	if ctx.Err() != nil {
		return nil //nolint:nilerr // a build that was told to stop has not failed
	}
	if bad := (*BuildError)(nil); errors.As(err, &bad) {
		fmt.Fprintf(l.Out, "%s\nthe build failed; %s\n", bad.Output, l.whatRuns())
		return Status{Build: l.id, Error: bad.Output}.Write(l.StatusPath)
	}
	if err != nil {
		return err
	}
	return l.restart()
}

// settle waits until two looks agree: an editor or a checkout writes many files
// one after the other.
func (l *Loop) settle(ctx context.Context, before Snapshot, tick <-chan time.Time) (Snapshot, error) {
	for {
		select {
		case <-ctx.Done():
			return before, nil
		case <-tick:
		}
		now, err := l.Look()
		if err != nil || maps.Equal(now, before) {
			return now, err
		}
		before = now
	}
}

// restart replaces the running server. The status changes while none runs, so
// that a page which sees the new build is answered by the new server.
func (l *Loop) restart() error {
	l.stop()
	l.id = strconv.FormatInt(time.Now().UnixNano(), 36)
	if err := (Status{Build: l.id}).Write(l.StatusPath); err != nil {
		return err
	}
	s, err := l.Start()
	if err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	l.server = s
	return nil
}

func (l *Loop) stop() {
	if l.server != nil {
		l.server.Stop()
		l.server = nil
	}
}

// ended is when the server ends, and never without a server.
func (l *Loop) ended() <-chan struct{} {
	if l.server == nil {
		return nil
	}
	return l.server.Done()
}

func (l *Loop) whatRuns() string {
	if l.server == nil {
		return "it is tried again when you have saved a change"
	}
	return "the server of the last build goes on, and open parts show why"
}
