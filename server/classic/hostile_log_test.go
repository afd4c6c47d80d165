package classic_test

import (
	"log/slog"
	"sync/atomic"
	"testing"

	"partline.dev/server/classic"
	"partline.dev/server/transport"
)

// lineCount is a log of which only the length matters.
type lineCount struct{ atomic.Int64 }

func (l *lineCount) Write(line []byte) (int, error) {
	l.Add(1)
	return len(line), nil
}

// Whatever a client sends that makes no sense, nobody can fill a disk with it.
func TestHostile_mistakesDoNotFillTheLog(t *testing.T) {
	var lines lineCount
	told := slog.New(slog.NewTextHandler(&lines, nil))
	m := newChat()
	s := serve(t, classic.Options{Log: told}, &transport.Options{Log: told}, m)
	c := s.connected("webSockets", "chatHub")
	for range 100 {
		for _, frame := range []string{"{", `{"H":"nope","M":"Send","A":[]}`, `{"H":"chathub","M":"Nope","A":[],"I":1}`} {
			if err := c.link.send(t.Context(), frame); err != nil {
				t.Fatal(err)
			}
		}
	}
	// Reconnects with a cursor that is too old.
	before := c.cursor
	for range 1001 {
		s.publish(m, "more")
	}
	for range 30 {
		c.cut()
		c.cursor = before
		c.reconnect()
		c.next()
	}
	if n := lines.Load(); n > 20 {
		t.Errorf("what one client got wrong is told in %d lines", n)
	}
	if s.core.Stats().Missed == 0 {
		t.Error("no cursor was too old")
	}
}
