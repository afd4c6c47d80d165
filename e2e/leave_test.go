package e2e_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"partline.dev/internal/testkit/partline"
	"partline.dev/shared/connected"
	client "partline.dev/wasmclient"
)

// What a client sends just before it closes is heard: a hundred clients send
// five lines each, without waiting for an answer, and leave.
func TestLeave_lastWordsAreHeard(t *testing.T) {
	t.Parallel()
	const clients, each = 100, 5
	s := partline.Start(t, binary)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	url := s.URL + "/hubs/connected"

	listener, err := client.Dial(ctx, url, connected.Hub)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var heard atomic.Int64
	all := make(chan struct{})
	client.On(listener, connected.BroadcastMessage, func(connected.Broadcast) {
		if heard.Add(1) == clients*each {
			close(all)
		}
	})
	for range clients {
		c, err := client.Dial(ctx, url, connected.Hub)
		if err != nil {
			t.Fatal(err)
		}
		for range each {
			if err := client.Send(ctx, c, connected.SendMethod, connected.Send{Name: "leaving", Message: "bye"}); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-all:
	case <-ctx.Done():
		t.Errorf("%d of %d lines were heard", heard.Load(), clients*each)
	}
}
