package devloop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"

	"partline.dev/internal/process"
)

// stopGrace is how long a server may take over its end before it is killed.
// Nothing that is in flight matters while developing.
const stopGrace = 3 * time.Second

// crashed is the exit status of a Go program that panicked.
const crashed = 2

// command is a [Server] in a process of its own.
type command struct {
	cancel context.CancelFunc
	done   chan struct{}
	err    error // set before done is closed
}

// StartCommand starts a server as a process that writes to out.
func StartCommand(out io.Writer, dir, name string, args ...string) (Server, error) {
	ctx, cancel := context.WithCancel(context.Background())
	cmd := process.Command(ctx, stopGrace, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, out
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, err
	}
	c := &command{cancel: cancel, done: make(chan struct{})}
	go func() { // waited for in Stop, or read from Done by the loop
		defer close(c.done)
		defer cancel()
		c.err = cmd.Wait()
		if exit := (*exec.ExitError)(nil); errors.As(c.err, &exit) && exit.ExitCode() == crashed {
			c.err = fmt.Errorf("%w: %w", ErrCrashed, c.err)
		}
	}()
	return c, nil
}

// Done is closed when the process has ended.
func (c *command) Done() <-chan struct{} { return c.done }

// Err is why it ended.
func (c *command) Err() error {
	if c.err == nil {
		return errors.New("by itself")
	}
	return c.err
}

// Stop asks the process to end and waits until it has.
func (c *command) Stop() {
	c.cancel()
	<-c.done
}
