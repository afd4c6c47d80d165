// Package process runs a command together with everything that the command
// starts: the go command's test binaries, and the browsers and servers of
// those.
//
//	cmd := process.Command(ctx, 10*time.Second, "go", "test", "./...")
//	cmd.Stdout = os.Stdout
//	err := cmd.Run()
//
// A command runs in a process group of its own, so that Ctrl-C in a terminal
// reaches this program alone, which then decides. When the context ends the
// group is asked to end (SIGTERM); what is left when the command has ended, or
// after the grace, is killed. On Linux the command is killed, too, when this
// program dies without a chance to do any of that.
//
// Concurrency: a [Cmd] belongs to one goroutine, as an exec.Cmd does.
//
// What blocks: [Cmd.Run] and [Cmd.Wait], until the command has ended.
package process

import (
	"context"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// Cmd is a command; its fields are set before it is started, as those of an
// exec.Cmd are.
type Cmd struct {
	*exec.Cmd

	ended chan struct{} // closed by Wait
}

// Command returns a command that is asked to end when ctx does and is killed
// when it takes longer than grace over it.
func Command(ctx context.Context, grace time.Duration, name string, args ...string) *Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.SysProcAttr = attributes()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = grace
	return &Cmd{Cmd: cmd, ended: make(chan struct{})}
}

// Start starts the command. It must be waited for.
func (c *Cmd) Start() error {
	started := make(chan error)
	go func() { // until Wait
		// The kernel kills the command when the thread that started it ends,
		// and takes that for the end of the program. So the thread is kept.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := c.Cmd.Start()
		started <- err
		if err == nil {
			<-c.ended
		}
	}()
	return <-started
}

// Wait waits for the command, and then kills what it has left behind in its
// group.
func (c *Cmd) Wait() error {
	defer close(c.ended)
	err := c.Cmd.Wait()
	// No such group: it left nothing behind, which is how it should be.
	_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
	return err
}

// Run starts the command and waits for it.
func (c *Cmd) Run() error {
	if err := c.Start(); err != nil {
		return err
	}
	return c.Wait()
}
