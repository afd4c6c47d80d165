package e2e_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"partline.dev/e2e/slow"
	"partline.dev/internal/testkit/partline"
	client "partline.dev/wasmclient"
)

// The operator ends the server while calls are running: each is answered, and
// the server ends well.
func TestDrain_losesNothingInFlight(t *testing.T) {
	t.Parallel()
	const calls, takes = 50, 2000 // milliseconds
	hub, err := partline.Build(t.TempDir(), "partline.dev/e2e/cmd/slowhub")
	if err != nil {
		t.Fatal(err)
	}
	s := partline.Start(t, hub)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()

	begun := make(chan slow.Begun, calls)
	var running sync.WaitGroup
	for i := range calls {
		c, err := client.Dial(ctx, s.URL+"/hubs/slow", slow.Hub, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		client.On(c, slow.BegunEvent, func(b slow.Begun) { begun <- b })
		running.Go(func() {
			job := slow.Job{Name: fmt.Sprint("job ", i), Milliseconds: takes}
			done, err := client.Call(ctx, c, slow.WorkMethod, job)
			if err != nil || done.Name != job.Name {
				t.Errorf("%s is answered by %+v, %v", job.Name, done, err)
			}
		})
	}
	for range calls {
		select {
		case <-begun:
		case <-ctx.Done():
			t.Fatal("not all calls have begun")
		}
	}
	if err := s.Stop(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
	running.Wait()
}

// A call that takes longer than the drain may is cut off, and its caller hears
// that nobody knows.
func TestDrain_endsInTime(t *testing.T) {
	t.Parallel()
	hub, err := partline.Build(t.TempDir(), "partline.dev/e2e/cmd/slowhub")
	if err != nil {
		t.Fatal(err)
	}
	s := partline.Start(t, hub, "--drain-timeout", "1s")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := client.Dial(ctx, s.URL+"/hubs/slow", slow.Hub, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	begun := make(chan struct{})
	client.On(c, slow.BegunEvent, func(slow.Begun) { close(begun) })
	answer := make(chan error, 1)
	go func() { // waited for below
		_, err := client.Call(ctx, c, slow.WorkMethod, slow.Job{Name: "endless", Milliseconds: 1 << 30})
		answer <- err
	}()
	<-begun
	if err := s.Stop(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
	if err := <-answer; err == nil {
		t.Error("a call that was cut off gives no error")
	}
}
