package devloop_test

import (
	"bufio"
	"errors"
	"io"
	"testing"

	"partline.dev/internal/devloop"
)

func TestStartCommand_stops(t *testing.T) {
	r, w := io.Pipe()
	s, err := devloop.StartCommand(w, t.TempDir(), "sh", "-c", "echo listening; exec sleep 1000")
	if err != nil {
		t.Fatal(err)
	}
	if line, _ := bufio.NewReader(r).ReadString('\n'); line != "listening\n" {
		t.Errorf("the server's output is %q", line)
	}
	r.Close()
	s.Stop()
	select {
	case <-s.Done():
	default:
		t.Error("Stop returned while the server ran")
	}
}

func TestStartCommand_tellsACrashFromAnError(t *testing.T) {
	for status, crash := range map[string]bool{"1": false, "2": true, "0": false} {
		s, err := devloop.StartCommand(io.Discard, t.TempDir(), "sh", "-c", "exit "+status)
		if err != nil {
			t.Fatal(err)
		}
		<-s.Done()
		if s.Err() == nil || errors.Is(s.Err(), devloop.ErrCrashed) != crash {
			t.Errorf("a server that ended with %s gives %v", status, s.Err())
		}
	}
}

func TestStartCommand_noSuchProgram(t *testing.T) {
	if _, err := devloop.StartCommand(io.Discard, t.TempDir(), "./no-such-program"); err == nil {
		t.Error("a program that is not there was started")
	}
}
