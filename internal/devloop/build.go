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
	"strings"
	"sync"
	"time"

	"partline.dev/internal/process"
)

// Builder builds the two halves of the program. The half that runs in the
// browser is built only when its source has changed since it was built.
type Builder struct {
	Root string    // the top of the workspace
	Out  io.Writer // for the progress

	Browser []string // the command that builds the browser's half into Dist
	Sources []string // the folders it is made of
	Dist    string   // the folder it fills

	Server []string // the command that builds the server, which embeds Dist
	Stamp  string   // the file that remembers what Dist was made of
}

// Build builds what has to be built. A *[BuildError] holds what a command said
// when it failed.
func (b *Builder) Build(ctx context.Context) error {
	source, err := Hash(b.Root, b.Sources...)
	if err != nil {
		return err
	}
	if b.fresh(source) {
		fmt.Fprintln(b.Out, "[1/2] the parts, for the browser: unchanged")
	} else {
		if err := b.step(ctx, "[1/2] the parts, for the browser", b.Browser); err != nil {
			return err
		}
		if err := b.remember(source); err != nil {
			return err
		}
	}
	return b.step(ctx, "[2/2] the server", b.Server)
}

// step runs a command and says how long it took.
func (b *Builder) step(ctx context.Context, name string, command []string) error {
	began := time.Now()
	stop := b.progress(name, began)
	cmd := process.Command(ctx, stopGrace, command[0], command[1:]...)
	cmd.Dir = b.Root
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	stop()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return &BuildError{Output: strings.TrimSpace(said.String())}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", strings.Join(command, " "), err)
	}
	fmt.Fprintf(b.Out, "%s: %v\n", name, time.Since(began).Round(100*time.Millisecond))
	return nil
}

// progressEvery is how often a step that takes long says so.
const progressEvery = 5 * time.Second

// progress says that a step is under way, now and from time to time, until it is
// told to stop.
func (b *Builder) progress(name string, began time.Time) (stop func()) {
	fmt.Fprintf(b.Out, "%s: building\n", name)
	done := make(chan struct{})
	var saying sync.WaitGroup
	saying.Go(func() {
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				fmt.Fprintf(b.Out, "%s: building, %v\n", name, time.Since(began).Round(time.Second))
			}
		}
	})
	return func() {
		close(done)
		saying.Wait()
	}
}

// fresh reports whether Dist is what this source was built into. Dist may have
// been built by another command since, so its files count, too.
func (b *Builder) fresh(source string) bool {
	want, err := b.mark(source)
	if err != nil {
		return false
	}
	have, err := os.ReadFile(b.Stamp)
	return err == nil && string(have) == want
}

func (b *Builder) remember(source string) error {
	mark, err := b.mark(source)
	if err != nil {
		return err
	}
	if err := os.WriteFile(b.Stamp, []byte(mark), 0o600); err != nil {
		return fmt.Errorf("remember the build: %w", err)
	}
	return nil
}

// mark is one line for the source and one for every file of Dist.
func (b *Builder) mark(source string) (string, error) {
	var mark strings.Builder
	fmt.Fprintln(&mark, source)
	err := filepath.WalkDir(filepath.Join(b.Root, b.Dist), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			fmt.Fprintln(&mark, entry.Name(), info.Size(), info.ModTime().UnixNano())
		}
		return err
	})
	return mark.String(), err
}
