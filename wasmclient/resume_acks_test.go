package client_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/shared/connected"
	"partline.dev/shared/wire"
	client "partline.dev/wasmclient"
)

// TestResume_acknowledges what arrived: after a second, and before that when it
// is much.
func TestResume_acknowledges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c, _, conn := resumable(t, nil)
		client.On(c, connected.BroadcastMessage, func(connected.Broadcast) {})
		conn.number(wire.Sequence, 1) // says nothing new
		begun := time.Now()
		for range 10 {
			conn.sendEvent("a", "b")
			conn.send(`{"type":6}` + "\x1e") // does not count
		}
		if m := conn.next(); m.Kind != wire.Ack || m.SequenceID != 10 || time.Since(begun) != time.Second {
			t.Errorf("after %v: %+v", time.Since(begun), m)
		}
		pass(10 * time.Second)
		if len(conn.toHub) != 0 {
			t.Error("nothing new is acknowledged")
		}
		begun = time.Now()
		for range 7 {
			conn.sendEvent("a", strings.Repeat("x", 2_500))
		}
		if m := conn.nextOf(wire.Ack); m.SequenceID != 17 || time.Since(begun) != 0 {
			t.Errorf("after %v: %+v", time.Since(begun), m)
		}
	})
}

// TestResume_acknowledgesWhatComesAgain at once: the hub did not hear it the
// first time.
func TestResume_acknowledgesWhatComesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, c, _, conn := resumable(t, nil)
		client.On(c, connected.BroadcastMessage, func(connected.Broadcast) {})
		for range 3 {
			conn.sendEvent("a", "b")
		}
		if m := conn.nextOf(wire.Ack); m.SequenceID != 3 {
			t.Errorf("%+v", m)
		}
		conn.end(io.ErrUnexpectedEOF)
		conn, _ = hub.resumed(2)
		begun := time.Now()
		for range 2 {
			conn.sendEvent("a", "b")
		}
		if m := conn.nextOf(wire.Ack); m.SequenceID != 3 || time.Since(begun) != 0 {
			t.Errorf("after %v: %+v", time.Since(begun), m)
		}
		pass(10 * time.Second)
		if len(conn.toHub) > 0 {
			t.Errorf("the client says more: %q", <-conn.toHub)
		}
	})
}

// TestResume_waitsForAcknowledgements of the hub's, whatever the queue takes.
func TestResume_waitsForAcknowledgements(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c, _, conn := resumable(t, nil)
		text := strings.Repeat("x", 9_900)
		sent := 0
		send := func() error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			err := client.Send(ctx, c, connected.SendMethod, connected.Send{Message: text})
			if err == nil {
				sent++
			}
			return err
		}
		for send() == nil {
		}
		if sent != 10 {
			t.Errorf("%d messages of 10 kB were sent without an acknowledgement", sent)
		}
		conn.number(wire.Ack, 3)
		conn.number(wire.Ack, 2) // says nothing new
		for send() == nil {
		}
		if sent != 13 {
			t.Errorf("%d messages were sent when 3 were acknowledged", sent)
		}
		conn.number(wire.Ack, 13)
		if err := send(); err != nil {
			t.Error(err)
		}
	})
}
