package process_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"partline.dev/internal/process"
)

// TestMain makes this test binary the program that dies, when it is told to.
func TestMain(m *testing.M) {
	if os.Getenv("PROCESS_TEST_DIES") == "1" {
		cmd := process.Command(context.Background(), time.Minute, "sh", "-c", "echo ready; exec sleep 1000")
		cmd.Stdout = os.Stdout
		_ = cmd.Run()
	}
	os.Exit(m.Run())
}

func TestCommand_diesWithItsProgram(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	program := exec.Command(os.Args[0])
	program.Env = append(os.Environ(), "PROCESS_TEST_DIES=1")
	program.Stdout = w
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	out := bufio.NewReader(r)
	if line, err := out.ReadString('\n'); line != "ready\n" {
		t.Fatalf("the command said %q, %v", line, err)
	}
	if err := program.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = program.Wait() // it was killed
	gone(t, out)
}
