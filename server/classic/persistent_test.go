package classic_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"partline.dev/server/classic"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// serveRaw serves connections that carry bytes.
func serveRaw(t testing.TB, f func(ctx context.Context, c *transport.Connection) error) *served {
	raw := hub.NewRaw("echo")
	return serve(t, classic.Options{Raw: raw, Connection: f}, nil, raw)
}

// echo gives back what comes, to the caller, to all or to a group.
func echo(ctx context.Context, c *transport.Connection) error {
	for {
		chunk, err := c.Read(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		said := string(chunk)
		switch command, rest, _ := strings.Cut(said, " "); command {
		case "all":
			err = c.Publish(ctx, c.All(), []byte(rest))
		case "join":
			err = c.Join(rest)
		case "group":
			err = c.Publish(ctx, c.Group(rest), []byte("to "+rest))
		case "json":
			err = c.WriteJSON(ctx, []byte(rest))
		case "bye":
			err = c.Write(ctx, []byte("bye"))
			if err == nil {
				return nil
			}
		default:
			err = c.Write(ctx, chunk)
		}
		if err != nil {
			return err
		}
	}
}

func TestPersistentConnection(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		s := serveRaw(t, echo)
		a, b := s.connected(way), s.connected(way)
		say := func(c *client, said string) {
			t.Helper()
			if got := c.say(said); got != "" {
				t.Errorf("%q was answered with %q", said, got)
			}
		}
		say(a, `hi "you"`)
		a.expect(`"hi \"you\""`)
		say(a, `json {"A":[1]}`)
		a.expect(`{"A":[1]}`)
		say(a, "all news")
		a.expect(`"news"`)
		b.expect(`"news"`)
		say(b, "join red")
		for b.groups == "" {
			b.next()
		}
		say(a, "group red")
		b.expect(`"to red"`)
		// What it missed it gets, also in groups.
		b.cut()
		say(a, "group red")
		say(a, "all done")
		b.reconnect()
		b.expect(`"to red"`, `"done"`)
		say(a, "bye")
		a.expect(`"done"`, `"bye"`)
		if e := a.next(); e.E == "" {
			t.Errorf("the last word was %s", e.text)
		}
	})
}

func TestPersistentConnection_backPressure(t *testing.T) {
	// A function that writes without end waits while its client polls nothing.
	wrote := make(chan int, 10_000)
	s := serveRaw(t, func(ctx context.Context, c *transport.Connection) error {
		for i := range 2000 {
			b, _ := json.Marshal(i)
			if err := c.WriteJSON(ctx, b); err != nil {
				return err
			}
			wrote <- i
		}
		return nil
	})
	c := s.connected("longPolling")
	for next := 0; next < 2000; {
		for _, item := range c.next().M {
			var got int
			if err := json.Unmarshal(item, &got); err != nil || got != next {
				t.Fatalf("%d came as %s", next, item)
			}
			next++
		}
	}
	if len(wrote) != 2000 {
		t.Errorf("it wrote %d", len(wrote))
	}
}

// A client that gave up a start, and made another, is served.
func TestPersistentConnection_secondStart(t *testing.T) {
	s := serveRaw(t, echo)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 16 { // whether the first one does anything is chance
		c := s.negotiated("longPolling")
		c.connect()
		s.handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(gone, http.MethodGet, c.address("start", nil), nil))
		c.start()
		c.say("hi")
		c.expect(`"hi"`)
	}
}
