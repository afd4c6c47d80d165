package transport_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// carrier is a RawLink that has room for two chunks, and the sink of its
// connection.
type carrier struct {
	mu     sync.Mutex // Protects following.
	said   []string
	room   chan struct{}
	closed []hub.CloseReason
}

func (c *carrier) Write(chunk []byte) error     { return c.take("bytes " + string(chunk)) }
func (c *carrier) WriteJSON(value []byte) error { return c.take("json " + string(value)) }

func (c *carrier) take(said string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case len(c.closed) > 0:
		return hub.ErrClosed
	case len(c.said) >= 2:
		return hub.ErrOverflow
	}
	c.said = append(c.said, said)
	return nil
}

func (c *carrier) Room() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.said) < 2 {
		return nil
	}
	if c.room == nil {
		c.room = make(chan struct{})
	}
	return c.room
}

func (c *carrier) Close(reason hub.CloseReason) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = append(c.closed, reason)
}

func (c *carrier) Send(*hub.Event) error { return nil }

// fetch takes what was written and makes room.
func (c *carrier) fetch() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	said := c.said
	c.said = nil
	if c.room != nil {
		close(c.room)
		c.room = nil
	}
	return said
}

// carry opens a raw connection that the test carries, whose function is f.
func carry(t *testing.T, s *server, f func(context.Context, *transport.Connection) error) (*transport.Connection, *carrier) {
	t.Helper()
	raw := hub.NewRaw("carried")
	if err := s.core.Mount(raw); err != nil {
		t.Fatal(err)
	}
	link := &carrier{}
	conn, err := s.core.Open(hub.OpenOptions{
		Hub: "carried", ID: "one", Codec: hub.Raw, Sink: link, Principal: hub.Principal{ID: "ann"}, Quiet: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	c := s.host.OpenRaw(transport.RawEntry{Hub: raw, Conn: conn, Transport: front.LongPolling, Link: link}, f)
	t.Cleanup(func() { conn.LinkClosed(nil) })
	return c, link
}

func TestOpenRaw_carriesBothWays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		c, link := carry(t, s.server, func(ctx context.Context, c *transport.Connection) error {
			if c.ID() != "one" || c.Principal().ID != "ann" || c.Transport() != front.LongPolling {
				t.Errorf("it is %q of %q by %v", c.ID(), c.Principal().ID, c.Transport())
			}
			c.SetBinary(true) // means nothing here
			for {
				p, err := c.Read(ctx)
				if errors.Is(err, io.EOF) {
					return nil
				}
				if err := errors.Join(err, c.Write(ctx, p), c.WriteJSON(ctx, []byte("1")), c.Write(ctx, []byte("more"))); err != nil {
					return err
				}
			}
		})
		chunk := []byte("hello")
		if wait := c.Receive(chunk); wait != nil {
			t.Error("a short chunk fills it")
		}
		clear(chunk) // which is nobody's after the call
		synctest.Wait()
		if got, want := link.fetch(), []string{"bytes hello", "json 1"}; !slices.Equal(got, want) {
			t.Errorf("written %q, want %q", got, want)
		}
		synctest.Wait()
		if got, want := link.fetch(), []string{"bytes more"}; !slices.Equal(got, want) {
			t.Errorf("when there was room, written %q, want %q", got, want)
		}
		c.Closed(nil)
		synctest.Wait()
		if len(link.closed) != 1 || link.closed[0].Code != hub.CodeNormal {
			t.Errorf("the link was closed with %v", link.closed)
		}
		if wait := c.Receive([]byte("late")); wait != nil {
			t.Error("there is something to wait for after the end")
		}
		if err := c.Write(t.Context(), []byte("late")); !errors.Is(err, hub.ErrClosed) {
			t.Errorf("Write after the end: %v", err)
		}
	})
}

func TestOpenRaw_takesNoMoreThanItHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		goOn := make(chan struct{})
		c, _ := carry(t, s.server, func(ctx context.Context, c *transport.Connection) error {
			<-goOn
			for _, err := c.Read(ctx); err == nil; {
				_, err = c.Read(ctx)
			}
			return nil
		})
		chunk := []byte(strings.Repeat("x", 16<<10))
		var wait <-chan struct{}
		for n := 0; wait == nil; n++ {
			if n == 100 {
				t.Fatal("it takes anything")
			}
			wait = c.Receive(chunk)
		}
		close(goOn)
		<-wait
		c.Closed(nil)
	})
}

func TestOpenRaw_lost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		lost := errors.New("lost")
		read := make(chan error, 1)
		c, link := carry(t, s.server, func(ctx context.Context, c *transport.Connection) error {
			_, err := c.Read(context.Background())
			read <- err
			<-ctx.Done()
			return err
		})
		synctest.Wait()
		begun := time.Now()
		c.Closed(lost)
		if err := <-read; !errors.Is(err, lost) {
			t.Errorf("Read gives %v", err)
		}
		synctest.Wait()
		if took := time.Since(begun); took != 0 || len(link.closed) != 1 {
			t.Errorf("after %v the link was closed with %v", took, link.closed)
		}
	})
}
