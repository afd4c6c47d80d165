//go:build unix

package local

import "syscall"

// apart keeps an interrupt of the terminal from the child, which is then told to end.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// remains ends what the child with that id has left behind.
func remains(pid int) {
	_ = syscall.Kill(-pid, syscall.SIGKILL) // mostly there is nothing
}
