package server_test

import (
	"bufio"
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"partline.dev/server"
)

// mainAddr says to the test binary, started by a test, that it is a program
// whose main function is server.Main, and where to serve.
const mainAddr = "PARTLINE_TEST_MAIN_ADDR"

func TestMain(m *testing.M) {
	if addr := os.Getenv(mainAddr); addr != "" {
		server.Main(server.Options{Addr: addr})
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// mainProgram is the test binary as a server at addr.
func mainProgram(t *testing.T, addr string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), mainAddr+"="+addr)
	return cmd
}

func TestMain_endsWhenAsked(t *testing.T) {
	cmd := mainProgram(t, "127.0.0.1:0")
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	for said.Scan() && !strings.Contains(said.Text(), "listening") {
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	last := ""
	for said.Scan() {
		last = said.Text()
	}
	if err := cmd.Wait(); err != nil || !strings.Contains(last, "stopped") {
		t.Errorf("it ended with %v, and at last said %q", err, last)
	}
}

func TestMain_saysWhyItCannot(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	out, err := mainProgram(t, l.Addr().String()).CombinedOutput()
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("it ended with %v", err)
	}
	if want := "server.test: " + l.Addr().String() + " is taken by another program"; !strings.Contains(string(out), want) {
		t.Errorf("it said %s, want %q", out, want)
	}
}
