package devloop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"partline.dev/internal/process"
)

// NPM brings the packages of a lock file into a folder, for pages of development
// that use one.
type NPM struct {
	Lock string    // the folder of package.json and package-lock.json, which are copied
	Dir  string    // the folder that gets node_modules
	Out  io.Writer // for the progress
}

// lockFiles are what npm ci reads, the lock at last: it says what is there.
var lockFiles = []string{"package.json", "package-lock.json"}

// Bring runs npm ci, without packages that are for tests alone, unless its last
// run brought what the lock file asks for. It says what goes wrong: whoever has no
// npm, or no network, does without.
func (n *NPM) Bring(ctx context.Context) {
	if n.fresh() {
		return
	}
	fmt.Fprintln(n.Out, "[npm] bringing the SignalR clients, for the example pages")
	err := n.bring(ctx)
	switch {
	case ctx.Err() != nil:
	case errors.Is(err, exec.ErrNotFound):
		fmt.Fprintln(n.Out, "[npm] npm is not installed: the example pages go without")
	case err != nil:
		fmt.Fprintf(n.Out, "[npm] the example pages go without: %v\n", err)
	default:
		fmt.Fprintln(n.Out, "[npm] the SignalR clients are there")
	}
}

// done is the file that says what the last run that succeeded was made of.
func (n *NPM) done() string { return filepath.Join(n.Dir, "node_modules", ".partline-lock") }

func (n *NPM) fresh() bool {
	want, err := os.ReadFile(filepath.Join(n.Lock, "package-lock.json"))
	if err != nil {
		return false
	}
	have, err := os.ReadFile(n.done())
	return err == nil && bytes.Equal(want, have)
}

func (n *NPM) bring(ctx context.Context) error {
	if err := os.MkdirAll(n.Dir, 0o755); err != nil {
		return err
	}
	var lock []byte
	for _, name := range lockFiles {
		content, err := os.ReadFile(filepath.Join(n.Lock, name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(n.Dir, name), content, 0o644); err != nil {
			return err
		}
		lock = content
	}
	cmd := process.Command(ctx, stopGrace, "npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = n.Dir
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("npm ci: %w\n%s", err, bytes.TrimSpace(said.Bytes()))
	}
	return os.WriteFile(n.done(), lock, 0o644)
}
