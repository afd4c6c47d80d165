// Package process runs a command together with everything that the command
// starts: the go command's test binaries, and the browsers and servers of
// those.
//
//	cmd := process.Command(ctx, 10*time.Second, "go", "test", "./...")
//	cmd.Stdout = os.Stdout
//	err := process.Run(cmd)
//
// A command runs in a process group of its own, so that Ctrl-C in a terminal
// reaches this program alone, which then decides. When the context ends the
// group is asked to end (SIGTERM); what is left when the command has ended, or
// after the grace, is killed.
//
// What blocks: [Run] and [Wait], until the command has ended.
package process

import (
	"context"
	"os/exec"
	"syscall"
	"time"
)

// Command returns a command that is asked to end when ctx does and is killed
// when it takes longer than grace over it.
func Command(ctx context.Context, grace time.Duration, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = grace
	return cmd
}

// Run starts the command and waits for it, as [Wait] does.
func Run(cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	return Wait(cmd)
}

// Wait waits for a started command, and then kills what it has left behind in
// its group.
func Wait(cmd *exec.Cmd) error {
	err := cmd.Wait()
	// No such group: it left nothing behind, which is how it should be.
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	return err
}
