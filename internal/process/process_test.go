package process_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"testing"
	"time"

	"partline.dev/internal/process"
)

// The shell starts a child that would outlive it and says that it did.
const orphanage = `sleep 1000 & echo ready; `

// start runs the script. The returned pipe ends when the shell and its child
// have both ended, for they hold the other end of it.
func start(ctx context.Context, t *testing.T, grace time.Duration, script string) (*process.Cmd, *bufio.Reader) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	cmd := process.Command(ctx, grace, "sh", "-c", script)
	cmd.Stdout = w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	out := bufio.NewReader(r)
	if line, err := out.ReadString('\n'); line != "ready\n" {
		t.Fatalf("the shell said %q, %v", line, err)
	}
	return cmd, out
}

// gone waits for the end of the pipe.
func gone(t *testing.T, out io.Reader) {
	t.Helper()
	if _, err := io.Copy(io.Discard, out); err != nil {
		t.Error(err)
	}
}

func TestWait_killsWhatIsLeft(t *testing.T) {
	cmd, out := start(t.Context(), t, time.Minute, orphanage)
	if err := cmd.Wait(); err != nil {
		t.Errorf("a command that ended well gives %v", err)
	}
	gone(t, out)
}

func TestCommand_endsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cmd, out := start(ctx, t, time.Minute, orphanage+`wait`)
	cancel()
	if err := cmd.Wait(); err == nil {
		t.Error("a command that was told to end gives no error")
	}
	gone(t, out)
}

func TestCommand_killsAfterTheGrace(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cmd, out := start(ctx, t, time.Millisecond, `trap '' TERM; `+orphanage+`while :; do wait; done`)
	cancel()
	if err := cmd.Wait(); err == nil {
		t.Error("a command that was killed gives no error")
	}
	gone(t, out)
}
