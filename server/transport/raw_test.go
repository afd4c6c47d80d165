package transport_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// raw serves f at /raw and returns its raw hub.
func (s *server) raw(f func(context.Context, *transport.Connection) error, o *transport.HandlerOptions) (*hub.Mux, http.Handler) {
	s.t.Helper()
	m := hub.NewRaw("raw")
	if err := s.core.Mount(m); err != nil {
		s.t.Fatal(err)
	}
	h := s.host.RawHandler(s.core, m, f, o)
	s.mux.Handle("/raw", h)
	s.mux.Handle("/raw/negotiate", h)
	return m, h
}

// echo sends back what it reads.
func echo(ctx context.Context, c *transport.Connection) error {
	for {
		p, err := c.Read(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := c.Write(ctx, p); err != nil {
			return err
		}
	}
}

func TestRaw_echo(t *testing.T) {
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		s := serve(t, nil)
		s.raw(echo, nil)
		c := open(s, "/raw")
		for _, sent := range []string{"hello", "with\nlines", "\x1e", strings.Repeat("long ", 10_000)} {
			c.say(sent)
			var got bytes.Buffer
			for got.Len() < len(sent) {
				chunk := c.chunk()
				if chunk == nil {
					t.Fatalf("it ended after %d bytes of %d", got.Len(), len(sent))
				}
				got.Write(chunk)
			}
			if got.String() != sent {
				t.Errorf("%.100q came back as %.100q", sent, got.String())
			}
		}
		c.leave()
	})
}

func TestRaw_binaryAndText(t *testing.T) {
	s := serve(t, nil)
	s.raw(func(ctx context.Context, c *transport.Connection) error {
		if c.Transport() != front.WebSockets || len(c.ID()) != 22 {
			t.Errorf("connection %q over %v", c.ID(), c.Transport())
		}
		if err := c.Write(ctx, []byte("text")); err != nil {
			return err
		}
		c.SetBinary(true)
		if err := c.Write(ctx, []byte("\xff\x00")); err != nil {
			return err
		}
		return c.Write(ctx, nil)
	}, nil)
	c := dialRaw(t, s.addr, "/raw")
	for _, want := range []rawFrame{{text, false, []byte("text")}, {frameBin, false, []byte("\xff\x00")}, {frameBin, false, nil}} {
		if got := c.next(); got.first != want.first || string(got.payload) != string(want.payload) {
			t.Errorf("came %v, want %v", got, want)
		}
	}
	c.expectClose(1000, "")
	_ = c.conn.Close()
}

func TestRaw_handlerFails(t *testing.T) {
	for name, f := range map[string]func(context.Context, *transport.Connection) error{
		"with an error": func(context.Context, *transport.Connection) error { return errors.New("secret") },
		"in a panic":    func(context.Context, *transport.Connection) error { panic("secret") },
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, nil)
			s.raw(f, nil)
			c := dialRaw(t, s.addr, "/raw")
			c.expectClose(1011, "the connection handler failed")
			_ = c.conn.Close()
		})
	}
}

func TestRaw_principal(t *testing.T) {
	// Each request renews who is connected.
	s := serve(t, &transport.Options{Authority: front.AuthorityFunc(func(r *http.Request) (hub.Principal, error) {
		return hub.Principal{ID: "ann", Name: r.Header.Get("X-Name")}, nil
	})})
	s.raw(func(ctx context.Context, c *transport.Connection) error {
		for {
			if _, err := c.Read(ctx); err != nil {
				return err // the test is over
			}
			if err := c.Write(ctx, []byte(c.Principal().Name)); err != nil {
				return err
			}
		}
	}, nil)
	p := s.poller("/raw", "X-Name: first")
	for _, name := range []string{"second", "third"} {
		p.headers = []string{"X-Name: " + name}
		p.say("who?")
		if got := string(p.chunk()); got != name {
			t.Errorf("it is %q, want %q", got, name)
		}
	}
}

func TestRaw_lostAndLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		read := make(chan error, 1)
		ended := make(chan time.Time, 1)
		s.raw(func(ctx context.Context, c *transport.Connection) error {
			_, err := c.Read(context.Background())
			read <- err
			<-ctx.Done()
			ended <- time.Now()
			if err := c.Write(context.Background(), []byte("x")); !errors.Is(err, hub.ErrClosed) {
				t.Errorf("Write after the end: %v", err)
			}
			return ctx.Err()
		}, nil)

		p := s.poller("/raw")
		begun := time.Now()
		p.leave()
		if err := <-read; !errors.Is(err, io.EOF) {
			t.Errorf("a client that left: Read gives %v", err)
		}
		if at := (<-ended).Sub(begun); at < 5*time.Second || at > 6*time.Second {
			t.Errorf("a client that left: the context ended after %v", at)
		}

		s.poller("/raw") // and never again
		if err := <-read; !errors.Is(err, transport.ErrNoPoll) {
			t.Errorf("a client that is lost: Read gives %v", err)
		}
		begun = time.Now()
		if at := (<-ended).Sub(begun); at > time.Second {
			t.Errorf("a client that is lost: the context ended after %v", at)
		}
	})
}

func TestRaw_shutdown(t *testing.T) {
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		synctest.Test(t, func(t *testing.T) {
			s := serveInMemory(t, nil)
			begun, returned := make(chan time.Time, 1), make(chan error, 1)
			s.raw(func(ctx context.Context, c *transport.Connection) error {
				begun <- time.Now()
				<-ctx.Done()
				_, err := c.Read(context.Background())
				returned <- err
				return nil
			}, nil)
			c := open(s.server, "/raw")
			since := <-begun
			down := make(chan error, 1)
			go func() { down <- s.host.Shutdown(t.Context()) }()
			if rest := c.chunk(); rest != nil {
				t.Errorf("came %q", rest)
			}
			if socket, ok := c.(*socketTalker); ok {
				_ = socket.c.conn.Close()
			}
			if err := <-down; err != nil {
				t.Error(err)
			}
			if waited := time.Since(since); waited > time.Second {
				t.Errorf("the handler was told after %v", waited)
			}
			select {
			case err := <-returned:
				if !errors.Is(err, io.EOF) {
					t.Errorf("Read gives %v", err)
				}
			default:
				t.Error("Shutdown did not wait for the handler")
			}
		})
	})
}

func TestRaw_takesNoMoreThanItHolds(t *testing.T) {
	// What nobody reads is left to the client.
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		synctest.Test(t, func(t *testing.T) {
			s := serveInMemory(t, nil)
			goOn := make(chan struct{})
			s.raw(func(ctx context.Context, c *transport.Connection) error {
				<-goOn
				for {
					if _, err := c.Read(ctx); err != nil {
						return nil //nolint:nilerr // the client is done
					}
				}
			}, nil)
			c := open(s.server, "/raw")
			said := make(chan struct{})
			go func() {
				defer close(said)
				c.say(strings.Repeat("y", 1<<20))
			}()
			synctest.Wait()
			if got := s.host.Stats().BytesIn; got < rawBuffer || got > 2*rawBuffer {
				t.Errorf("%d bytes were taken, of which nobody read one", got)
			}
			close(goOn)
			<-said
			c.leave()
			if socket, ok := c.(*socketTalker); ok {
				socket.c.expectClose(1000, "")
				_ = socket.c.conn.Close()
			}
		})
	})
}

func TestRaw_backPressure(t *testing.T) {
	// Whoever reads slowly is not sent to death, either way.
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		s := serve(t, &transport.Options{QueueLimit: 64 << 10})
		const total = 4 << 20
		goOn := make(chan struct{})
		s.raw(func(ctx context.Context, c *transport.Connection) error {
			<-goOn
			for n := 0; n < total; {
				p, err := c.Read(ctx)
				if err != nil {
					return err
				}
				n += len(p)
			}
			chunk := bytes.Repeat([]byte("x"), 8<<10)
			for range total / len(chunk) {
				if err := c.Write(ctx, chunk); err != nil {
					return err
				}
			}
			return nil
		}, nil)
		c := open(s, "/raw")
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			for range 4 {
				c.say(strings.Repeat("y", total/4))
			}
		}()
		for s.host.Stats().BytesIn < rawBuffer {
			time.Sleep(time.Millisecond)
		}
		close(goOn)
		<-sent
		got := 0
		for chunk := c.chunk(); chunk != nil; chunk = c.chunk() {
			got += len(chunk)
		}
		if got != total {
			t.Errorf("%d bytes came of %d", got, total)
		}
		if socket, ok := c.(*socketTalker); ok {
			_ = socket.c.conn.Close()
		}
	})
}

// rawBuffer is what a raw connection takes before it is read from, at least.
const rawBuffer = 64 << 10

func TestRaw_longChunk(t *testing.T) {
	// An empty queue takes a chunk of any length.
	s := serve(t, &transport.Options{QueueLimit: 10_000})
	s.raw(func(ctx context.Context, c *transport.Connection) error {
		for range 3 {
			if err := c.Write(ctx, make([]byte, 50_000)); err != nil {
				return err
			}
		}
		return nil
	}, nil)
	c := dialRaw(t, s.addr, "/raw")
	for range 3 {
		if f := c.next(); len(f.payload) != 50_000 {
			t.Errorf("a chunk of %d bytes", len(f.payload))
		}
	}
	c.expectClose(1000, "")
	_ = c.conn.Close()
}

func TestRaw_negotiate(t *testing.T) {
	s := serve(t, nil)
	_, h := s.raw(echo, &transport.HandlerOptions{Transports: front.LongPolling})
	r := httptest.NewRequest("POST", "/anything/NEGOTIATE?negotiateVersion=1", nil)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if want := `"availableTransports":[{"transport":"LongPolling","transferFormats":["Text","Binary"]}]}`; !strings.HasSuffix(w.Body.String(), want) {
		t.Errorf("%s, want %s", w.Body, want)
	}
}
